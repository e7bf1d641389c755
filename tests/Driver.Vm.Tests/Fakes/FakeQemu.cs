using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using OpenShell.Driver.Vm.Records;
using OpenShell.Linux.Processes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Fakes;

/// <summary>A process that does nothing, with a monitor and a pid file: what the driver sees of QEMU.</summary>
internal sealed class FakeQemu : IAsyncDisposable
{
    private readonly Process _process;
    private readonly FakeMonitor _monitor;
    private readonly Socket? _control;

    /// <param name="layout">Where it is.</param>
    /// <param name="ignoresOrders">Its guest takes the order to power off and does nothing.</param>
    public FakeQemu(SandboxLayout layout, bool ignoresOrders = false)
    {
        layout.Create();
        if (ignoresOrders)
        {
            _control = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            _control.Bind(new UnixDomainSocketEndPoint(layout.ControlSocketPath));
            _control.Listen();
        }

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

    /// <summary>Waits until the guest has the order to power off.</summary>
    public async Task AskedToPowerOffAsync()
    {
        using var client = await Eventually.EndsAsync(_control!.AcceptAsync(), "the order to power off");
    }

    public void Kill() => _process.Kill();

    /// <summary>The machine is paused, as QEMU does it and says it.</summary>
    public async Task PauseAsync(string status = "io-error")
    {
        _monitor.Status = status;
        await _monitor.SendAsync("""{"event": "BLOCK_IO_ERROR", "data": {"action": "stop", "nospace": true, "reason": "No space left on device"}}""");
        await _monitor.SendAsync("""{"event": "STOP"}""");
    }

    /// <summary>Says something by itself.</summary>
    public Task SayAsync(string line) => _monitor.SendAsync(line);

    /// <summary>As SIGSTOP, with a monitor that is silent too.</summary>
    public void Freeze()
    {
        _monitor.IsSilent = true;
        using var signal = Process.Start("kill", ["-STOP", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        signal.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        await _monitor.DisposeAsync();
        _control?.Dispose();
        _process.Dispose();
    }
}
