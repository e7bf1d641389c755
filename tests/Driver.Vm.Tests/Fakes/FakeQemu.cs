using System.Diagnostics;
using System.Globalization;
using OpenShell.Driver.Vm.Native;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Tests.Fakes;

/// <summary>A process that does nothing, with a monitor and a pid file: what the driver sees of QEMU.</summary>
internal sealed class FakeQemu : IAsyncDisposable
{
    private readonly Process _process;
    private readonly FakeMonitor _monitor;

    public FakeQemu(SandboxLayout layout)
    {
        layout.Create();
        File.WriteAllText(layout.PidFilePath, "");

        // The pid file's path is in its command line, as it is in QEMU's.
        _process = new Process { StartInfo = new ProcessStartInfo("tail", ["-f", layout.PidFilePath]), EnableRaisingEvents = true };
        _monitor = new FakeMonitor(layout.MonitorSocketPath) { OnQuit = Kill };
        _process.Exited += async (_, _) => await _monitor.DisposeAsync();
        _process.Start();
        File.WriteAllText(layout.PidFilePath, _process.Id.ToString(CultureInfo.InvariantCulture) + "\n");
        Identity = ProcessIdentity.TryRead(_process.Id)!;
    }

    public ProcessIdentity Identity { get; }

    public IReadOnlyList<string> Commands => _monitor.Commands;

    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _monitor.DisposeAsync();
        _process.Dispose();
    }
}
