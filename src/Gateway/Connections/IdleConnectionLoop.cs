namespace OpenShell.Gateway.Connections;

/// <summary>Ends connections that are idle without a token.</summary>
internal sealed class IdleConnectionLoop(ConnectionRegistry connections, SandboxCalls calls, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                connections.EndIdle();
                calls.Forget();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
