using System.Diagnostics;
using System.Globalization;
using OpenShell.Driver.Vm.Native;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>
/// Starts QEMU so that it outlives this process: QEMU detaches itself when it is ready, and everything that goes wrong
/// before that comes back as its exit code and standard error.
/// </summary>
internal sealed class QemuLauncher(TimeProvider time)
{
    private const int ErrorLength = 2000;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Starts a machine and waits until QEMU has opened everything that it needs.</summary>
    /// <param name="programPath">The QEMU program.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="cancellationToken">Ends a QEMU that is still starting.</param>
    public async Task<QemuLaunch> LaunchAsync(string programPath, QemuMachine machine, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(StartTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using var process = Process.Start(StartInfo(programPath, machine))
            ?? throw new InvalidOperationException($"{programPath} did not start.");
        try
        {
            process.StandardInput.Close();
            var error = await process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token);
            return process.ExitCode == 0 ? ReadProcess(machine.PidFilePath) : QemuLaunch.Failed(Describe(error, process.ExitCode));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return QemuLaunch.Failed($"QEMU was not ready after {StartTimeout.TotalSeconds:0} s");
        }
    }

    private static ProcessStartInfo StartInfo(string programPath, QemuMachine machine)
    {
        var info = new ProcessStartInfo(programPath, QemuCommandLine.Build(machine))
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };

        // Nothing of the driver's environment is QEMU's business, and its helpers would inherit it.
        var path = info.Environment["PATH"];
        info.Environment.Clear();
        info.Environment["PATH"] = path;
        return info;
    }

    private static QemuLaunch ReadProcess(string pidFilePath)
    {
        // QEMU removes the file when it ends, so it may have gone already.
        var text = File.Exists(pidFilePath) ? File.ReadAllText(pidFilePath) : "";
        return int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var processId)
            && ProcessIdentity.TryRead(processId) is { } process
            ? new QemuLaunch(process, null)
            : QemuLaunch.Failed("QEMU ended right after it had started");
    }

    private static string Describe(string error, int exitCode)
    {
        error = error.Trim();
        return error.Length == 0
            ? string.Create(CultureInfo.InvariantCulture, $"QEMU ended with exit code {exitCode} and without a message")
            : error[..Math.Min(error.Length, ErrorLength)];
    }
}
