namespace OpenShell.Gateway.Auth;

/// <summary>Looks at the admin token's file once a second, for calls that go on while nobody shows a token.</summary>
internal sealed class AdminTokenWatch(AdminToken token, TimeProvider time) : BackgroundService
{
    /// <summary>Time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                token.Refresh();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
