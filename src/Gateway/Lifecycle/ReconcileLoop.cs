using System.Threading.Channels;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Compares the driver with the store once a minute, and whenever the driver's watch begins anew.</summary>
internal sealed class ReconcileLoop(
    DriverComparison comparison, StrayMachines strays, StartupRecoveryLoop startup, TimeProvider time, ILogger<ReconcileLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(60);

    // One request is as good as many.
    private readonly Channel<bool> _requests = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks for a run now.</summary>
    public void Request() => _requests.Writer.TryWrite(true);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => startup.RunAfterwardsAsync(
        async over =>
        {
            await using var tick = time.CreateTimer(_ => Request(), null, Interval, Interval);
            Request();
            await foreach (var _ in _requests.Reader.ReadAllAsync(over))
            {
                await RunAsync(over);
            }
        },
        stoppingToken);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if ((await comparison.RunAsync(cancellationToken)).Succeeded(out var unknown, out var failure))
            {
                await strays.TakeAsync(unknown, cancellationToken);
            }
            else
            {
                SandboxLog.ReconcileFailed(logger, failure.Message);
            }
        }
        catch (StoreUnavailableException e)
        {
            SandboxLog.ReconcileFailed(logger, e.Message);
        }
    }
}
