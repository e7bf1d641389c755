using OpenShell.Gateway.Relays;

namespace OpenShell.Gateway.Memory;

/// <summary>
/// Gives memory back after a burst. Ten thousand supervisors that connect within seconds leave as much garbage as they
/// keep, and the collector sees no reason to look at it again while they idle (docs/performance.md). A full collection
/// stops the process for as long as it takes, so it happens only while no relay is open, and once per burst.
/// </summary>
internal sealed class IdleHeapTrimmer(RelayTable relays, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const long WorthwhileBytes = 64 * 1024 * 1024;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long afterLast = Environment.WorkingSet, before = afterLast;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var now = Environment.WorkingSet;
                // Still growing is no time to look, and neither is a time with somebody waiting for every byte.
                if (now <= before + (WorthwhileBytes / 4) && now > afterLast + WorthwhileBytes && relays.ActiveCount == 0)
                {
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    afterLast = now = Environment.WorkingSet;
                }

                before = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
