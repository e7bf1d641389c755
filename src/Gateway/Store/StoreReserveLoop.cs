namespace OpenShell.Gateway.Store;

/// <summary>Makes the store's reserve again when there is room.</summary>
internal sealed class StoreReserveLoop(StoreReserve reserve, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            reserve.TryMake();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
