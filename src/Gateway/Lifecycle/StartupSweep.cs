using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Once the driver answers, brings the sandboxes back that ran when the gateway ended. The driver's events are not
/// followed before: a machine that an orderly shutdown powered off must be started, not recorded as stopped.
/// </summary>
internal sealed class StartupSweep(
    ComputeClient driver,
    SandboxSweep sweep,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<StartupSweep> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the sweep is over.</summary>
    public Task Done => _done.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.HasStartedAsync(stoppingToken))
        {
            return;
        }

        while (!(await driver.GetCapabilitiesAsync(stoppingToken)).Succeeded(out _, out _))
        {
            // It waits by itself for a driver that starts; this is for one that does not.
            await Task.Delay(Retry, time, stoppingToken);
        }

        try
        {
            await sweep.StartAsync(stoppingToken);
        }
        catch (Store.StoreUnavailableException e)
        {
            SandboxLog.RecoveryFailed(logger, e.Message);
        }

        _done.TrySetResult();
    }
}
