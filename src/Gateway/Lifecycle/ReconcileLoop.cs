using System.Threading.Channels;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Runs the reconciler once a minute, and whenever the driver's watch begins anew.</summary>
internal sealed class ReconcileLoop(
    SandboxReconciler reconciler, StrayMachines strays, StartupSweep startup, GatewayShutdown shutdown, TimeProvider time, ILogger<ReconcileLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    // One request is as good as many.
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks for a run now.</summary>
    public void Request() => _requests.Writer.TryWrite(true);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Not after the shutdown has begun: the machines that it powers off are as they should be.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, shutdown.Stopping);
        try
        {
            await startup.Done.WaitAsync(over.Token);
            await using var tick = time.CreateTimer(_ => Request(), null, Interval, Interval);
            Request();
            await foreach (var _ in _requests.Reader.ReadAllAsync(over.Token))
            {
                await RunAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The shutdown.
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await strays.TakeAsync(await reconciler.RunAsync(cancellationToken), cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            SandboxLog.ReconcileFailed(logger, e.Message);
        }
    }
}
