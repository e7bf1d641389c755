using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>
/// Sees that a machine is paused because the host's disk is full, and lets it go on when there is room. QEMU pauses it
/// for good, and has no way of its own to go on.
/// </summary>
/// <remarks>
/// 1. A machine that an earlier driver left may be paused already.
/// 2. QEMU says that a machine has been paused; its status tells whether the disk is why.
/// 3. There is no event for free space, so it is looked at. Whoever else writes may have taken it by then, and QEMU pauses the machine again.
/// </remarks>
internal sealed class HostDiskWatch(MachineStatus status, RunningMachine running, MachineContext context)
{
    // A guest with a disk that fails may cause any number of errors.
    private static readonly TimeSpan BetweenErrors = TimeSpan.FromMinutes(1);

    private long? _lastError;

    /// <summary>Runs until the machine ends or it is cancelled; never fails.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            // 1
            await GoOnWithRoomAsync(cancellationToken);
            await foreach (var notice in running.Notices.ReadAllAsync(cancellationToken))
            {
                // 2
                switch (notice)
                {
                    case MachinePaused:
                        await GoOnWithRoomAsync(cancellationToken);
                        break;
                    case DiskErrorReported error when _lastError is not { } last || context.Time.GetElapsedTime(last) >= BetweenErrors:
                        _lastError = context.Time.GetTimestamp();
                        status.HostDiskFailed(error.Reason);
                        break;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The machine ends, or the driver detaches from it.
        }
    }

    private async Task GoOnWithRoomAsync(CancellationToken cancellationToken)
    {
        while (await running.IsPausedByItsDiskAsync(cancellationToken))
        {
            status.HostDiskFull();
            // 3
            do
            {
                await Task.Delay(context.DiskInterval, context.Time, cancellationToken);
            }
            while (context.FreeDisk() < HostDisk.RoomToRun);

            await running.ContinueAsync(cancellationToken);
            status.HostDiskFreed();
        }
    }
}
