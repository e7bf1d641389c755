using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Power;

/// <summary>Ends the guest so that nothing it wrote is lost.</summary>
internal sealed class MachinePower(SupervisorLog log, TimeProvider time)
{
    private const int EveryProcess = -1;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks every process to end, waits two seconds at most, ends the rest, writes everything out and powers off.</summary>
    public async Task PowerOffAsync(FileDescriptor? writableLayer)
    {
        log.Milestone("powering off");
        _ = LibcProcess.Kill(EveryProcess, LibcProcess.SignalTerminate);
        _ = LibcProcess.Kill(EveryProcess, LibcProcess.SignalContinue);
        await WaitUntilAloneAsync();
        _ = LibcProcess.Kill(EveryProcess, LibcProcess.SignalKill);
        await WaitUntilAloneAsync();
        LibcSystem.Sync();
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
        LibcSystem.Sync();
        // A machine without a power switch takes the restart, which QEMU's -no-reboot turns into its end.
        _ = LibcSystem.Reboot(LibcSystem.PowerOff);
        _ = LibcSystem.Reboot(LibcSystem.Restart);
    }

    private async Task WaitUntilAloneAsync()
    {
        var began = time.GetTimestamp();
        while (LibcProcess.HasChildren() && time.GetElapsedTime(began) < Grace)
        {
            await Task.Delay(CheckInterval, time);
        }
    }

    private static void MakeReadOnly(string path) =>
        _ = LibcSystem.Mount("none", path, null, LibcSystem.Remount | LibcSystem.ReadOnly, null);
}
