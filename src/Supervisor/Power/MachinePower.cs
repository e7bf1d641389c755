using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Machine;
using OpenShell.Linux.Processes;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Power;

/// <summary>Ends the guest so that nothing it wrote is lost.</summary>
internal sealed class MachinePower(SupervisorLog log, TimeProvider time)
{
    private const int EveryProcess = -1;
    // With the log below it has to fit into the five seconds that the driver gives a guest (MachineContext.GuestGrace).
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    // A second for the log (LogPusher), and a little for what comes before it.
    private static readonly TimeSpan LastWordsLimit = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Asks every process to end, waits two seconds at most, ends the rest, writes everything out, lets the supervisor have
    /// its last lines and powers off.
    /// </summary>
    /// <param name="writableLayer">The disk below the root file system.</param>
    /// <param name="lastWords">The end of the supervisor's own work, its log's way to the gateway included. However it ends.</param>
    public async Task PowerOffAsync(FileDescriptor? writableLayer, Task lastWords)
    {
        log.Milestone("powering off");
        _ = Signals.Send(EveryProcess, Signals.Terminate);
        _ = Signals.Send(EveryProcess, Signals.Continue);
        await WaitUntilAloneAsync();
        _ = Signals.Send(EveryProcess, Signals.Kill);
        await WaitUntilAloneAsync();
        SystemControl.Sync();
        // What was written is safe; the network is there to the end.
        await Task.WhenAny(lastWords, Task.Delay(LastWordsLimit, time));
        MakeReadOnly("/");
        if (writableLayer is not null)
        {
            MakeReadOnly($"/proc/self/fd/{writableLayer.Number}");
        }

        log.Milestone("power off");
        PowerOffNow();
    }

    /// <summary>Without any care; for a boot that failed.</summary>
    public static void PowerOffNow()
    {
        SystemControl.Sync();
        // A machine without a power switch takes the restart, which QEMU's -no-reboot turns into its end.
        _ = SystemControl.Reboot(SystemControl.PowerOff);
        _ = SystemControl.Reboot(SystemControl.Restart);
    }

    private async Task WaitUntilAloneAsync()
    {
        var began = time.GetTimestamp();
        while (ChildProcess.HasAny() && time.GetElapsedTime(began) < Grace)
        {
            await Task.Delay(CheckInterval, time);
        }
    }

    private static void MakeReadOnly(string path) =>
        _ = SystemControl.Mount("none", path, null, SystemControl.Remount | SystemControl.ReadOnly, null);
}
