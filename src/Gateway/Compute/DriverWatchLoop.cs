using Grpc.Core;
using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol;
using OpenShell.Protocol.Compute.V1;

namespace OpenShell.Gateway.Compute;

/// <summary>Follows the driver's events for as long as the gateway runs; comes back after every break.</summary>
internal sealed class DriverWatchLoop(
    ComputeClient driver,
    ReadinessController readiness,
    SandboxEventHub events,
    StartupSweep startup,
    GatewayShutdown shutdown,
    ILogger<DriverWatchLoop> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not after the shutdown has begun: the stops that it makes are not to be recorded as wanted.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, shutdown.Stopping);
        try
        {
            await startup.Done.WaitAsync(over.Token);
            await FollowAsync(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The shutdown.
        }
    }

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), Random.Shared);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var next in driver.WatchAsync(stoppingToken))
                {
                    backoff.Reset();
                    await ApplyAsync(next, stoppingToken);
                }
            }
            catch (RpcException e) when (!stoppingToken.IsCancellationRequested)
            {
                ComputeLog.WatchBroken(logger, e.Status.Detail);
            }
            catch (RpcException)
            {
                return;
            }

            await Task.Delay(backoff.Next(), stoppingToken);
        }
    }

    private Task ApplyAsync(WatchSandboxesEvent next, CancellationToken cancellationToken)
    {
        switch (next.PayloadCase)
        {
            case WatchSandboxesEvent.PayloadOneofCase.Sandbox:
                var sandbox = next.Sandbox.Sandbox;
                return readiness.SnapshotAsync(sandbox.Id, DriverMapping.ToSnapshot(sandbox.Status), cancellationToken);
            case WatchSandboxesEvent.PayloadOneofCase.PlatformEvent:
                events.PublishPlatform(next.PlatformEvent.SandboxId, DriverMapping.ToEvent(next.PlatformEvent.Event));
                return Task.CompletedTask;
            case WatchSandboxesEvent.PayloadOneofCase.Deleted:
                // A deletion that we asked for is finished by who asked; one that we did not is found by the reconcile loop.
                // This forgets what the driver said of the sandbox after its row had gone.
                return readiness.ReevaluateAsync(next.Deleted.SandboxId, cancellationToken);
            default:
                return Task.CompletedTask;
        }
    }
}
