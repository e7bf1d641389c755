using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Waits for what is due, and has it done: sandboxes beside each other, as one may hold its lock for long.</summary>
internal sealed class SandboxDeadlineLoop(
    SandboxDeadlines deadlines, SandboxTimekeeper timekeeper, StartupRecoveryLoop startup, ILogger<SandboxDeadlineLoop> logger)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => startup.RunAfterwardsAsync(
        async over =>
        {
            await using var queue = new PerSandboxQueue<string>(ActAsync, over);
            while (true)
            {
                var next = await deadlines.NextAsync(queue.Over);
                queue.Post(next, next);
            }
        },
        stoppingToken);

    private async Task ActAsync(string sandboxId, CancellationToken cancellationToken)
    {
        try
        {
            await timekeeper.ActAsync(sandboxId, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            SandboxLog.DeadlinePostponed(logger, sandboxId, e.Message);
            deadlines.Postpone(sandboxId, SandboxTimekeeper.RetryDelay);
        }
    }
}
