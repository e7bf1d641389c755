using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Follows the driver's events for as long as the gateway runs; comes back after every break.</summary>
internal sealed class DriverWatchLoop(
    DriverClient driver,
    SandboxReconciler reconciler,
    ReconcileLoop reconciling,
    SandboxEventHub events,
    StartupRecoveryLoop startup,
    ILogger<DriverWatchLoop> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => startup.RunAfterwardsAsync(FollowAsync, stoppingToken);

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), Random.Shared);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // The watch begins with what there is; what there is no more is found by comparing.
                reconciling.Request();
                await using var queue = new PerSandboxQueue<DriverEvent>(reconciler.ApplyAsync, stoppingToken);
                await foreach (var next in driver.WatchAsync(queue.Over))
                {
                    backoff.Reset();
                    Take(next, queue);
                }
            }
            catch (Exception e) when (e is IOException or StoreUnavailableException
                || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                DriverLog.WatchBroken(logger, e.Message);
            }

            await Task.Delay(backoff.Next(), stoppingToken);
        }
    }

    private void Take(DriverEvent next, PerSandboxQueue<DriverEvent> queue)
    {
        if (next is DriverProgressEvent progress)
        {
            // Waits for nobody: progress of a start is seen while the start holds the lock.
            events.PublishPlatform(progress.SandboxId, progress.Event);
        }
        else
        {
            queue.Post(next.SandboxId, next);
        }
    }
}
