using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Once the driver answers, brings the sandboxes back that ran when the gateway ended. The driver's events are not
/// followed before: a machine that an orderly shutdown powered off must be started, not recorded as stopped.
/// </summary>
internal sealed class StartupRecoveryLoop(
    DriverClient driver,
    StartupRecovery recovery,
    GatewayShutdown shutdown,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<StartupRecoveryLoop> logger) : BackgroundService
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Runs what compares sandboxes with the driver: from when the recovery is over until the shutdown begins, whose stops
    /// are not to be recorded as wanted.
    /// </summary>
    public async Task RunAfterwardsAsync(Func<CancellationToken, Task> loop, CancellationToken stoppingToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, shutdown.Stopping);
        try
        {
            await _done.Task.WaitAsync(over.Token);
            await loop(over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The shutdown.
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.HasStartedAsync(stoppingToken))
        {
            return;
        }

        while (!(await driver.GetInfoAsync(stoppingToken)).Succeeded(out _, out _))
        {
            // It waits by itself for a driver that starts; this is for one that does not.
            await Task.Delay(RetryDelay, time, stoppingToken);
        }

        try
        {
            await recovery.RunAsync(stoppingToken);
        }
        catch (StoreUnavailableException e)
        {
            SandboxLog.RecoveryFailed(logger, e.Message);
        }

        _done.TrySetResult();
    }
}
