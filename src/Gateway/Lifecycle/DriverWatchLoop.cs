using Grpc.Core;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol;
using OpenShell.Protocol.Compute.V1;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Follows the driver's events for as long as the gateway runs; comes back after every break.</summary>
internal sealed class DriverWatchLoop(
    ComputeClient driver,
    ReadinessController readiness,
    SandboxReconciler reconciler,
    ReconcileLoop reconciling,
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
                // The watch begins with what there is; what there is no more is found by comparing.
                reconciling.Request();
                await using var dispatch = new SandboxDispatch<WatchSandboxesEvent>(ApplyAsync, stoppingToken);
                await foreach (var next in driver.WatchAsync(dispatch.Over))
                {
                    backoff.Reset();
                    Take(next, dispatch);
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
            catch (StoreUnavailableException e)
            {
                ComputeLog.WatchBroken(logger, e.Message);
            }

            await Task.Delay(backoff.Next(), stoppingToken);
        }
    }

    private void Take(WatchSandboxesEvent next, SandboxDispatch<WatchSandboxesEvent> dispatch)
    {
        switch (next.PayloadCase)
        {
            case WatchSandboxesEvent.PayloadOneofCase.Sandbox:
                dispatch.Post(next.Sandbox.Sandbox.Id, next);
                break;
            case WatchSandboxesEvent.PayloadOneofCase.Deleted:
                dispatch.Post(next.Deleted.SandboxId, next);
                break;
            case WatchSandboxesEvent.PayloadOneofCase.PlatformEvent:
                // Waits for nobody: progress of a start is seen while the start holds the gate.
                events.PublishPlatform(next.PlatformEvent.SandboxId, DriverMapping.ToEvent(next.PlatformEvent.Event));
                break;
        }
    }

    private Task ApplyAsync(WatchSandboxesEvent next, CancellationToken cancellationToken)
    {
        switch (next.PayloadCase)
        {
            case WatchSandboxesEvent.PayloadOneofCase.Sandbox:
                var sandbox = next.Sandbox.Sandbox;
                var snapshot = DriverMapping.ToSnapshot(sandbox.Status);
                return snapshot.Phase is BackendPhase.Error or BackendPhase.Stopped
                    ? reconciler.MachineEndedAsync(sandbox.Id, cancellationToken)
                    : readiness.SnapshotAsync(sandbox.Id, snapshot, cancellationToken);
            case WatchSandboxesEvent.PayloadOneofCase.Deleted:
                return reconciler.MachineGoneAsync(next.Deleted.SandboxId, cancellationToken);
            default:
                return Task.CompletedTask;
        }
    }
}
