using OpenShell.Linux.Programs;
using OpenShell.Protocol;
using OpenShell.Supervisor.Boot;
using OpenShell.Supervisor.Clock;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Polling;
using OpenShell.Supervisor.Power;
using OpenShell.Supervisor.Ssh;

namespace OpenShell.Supervisor.Hosting;

/// <summary>PID 1 of a machine: boot, serve, power off.</summary>
internal static class GuestCommand
{
    public static async Task<int> RunAsync()
    {
        var log = new SupervisorLog();
        var phase = "boot";
        try
        {
            var guest = new GuestBoot(log).Run();
            if (!DialEndpoint.TryParse(guest.Config.Endpoint, out var endpoint, out var error))
            {
                throw new BootException("configuration", error);
            }

            phase = "supervisor";
            await ServeAsync(guest, endpoint, log);
        }
        catch (Exception e)
        {
            // The top of PID 1: whatever it is, the reason belongs on the console, and the machine must not hang.
            log.Error($"{phase} failed: {e.Message}");
        }

        MachinePower.PowerOffNow();
        return ExitCodes.Failed;
    }

    private static async Task ServeAsync(BootedGuest guest, DialEndpoint endpoint, SupervisorLog log)
    {
        log.Level = SupervisorLog.ParseLevel(guest.Config.LogLevel);
        var loop = new EventLoop();
        using var signals = new StopSignals(loop);
        using var stopping = new CancellationTokenSource();
        using var waiting = new CancellationTokenSource();
        var host = new SupervisorRuntime(guest.Config, endpoint, SshPaths.OfGuest(), new MachineClock(), loop, log).RunAsync(stopping.Token);
        var asked = new ControlLine(loop, ControlLine.DefaultPath).WaitForPowerOffAsync(waiting.Token);
        await await Task.WhenAny(signals.WaitAsync(waiting.Token), asked, host);
        await stopping.CancelAsync();
        await new MachinePower(log, TimeProvider.System).PowerOffAsync(guest.WritableLayer, host);
    }
}
