using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.SshAccess;

/// <summary>Removes tokens that can open nothing any more: expired, revoked, or of a sandbox that has gone or was started again.</summary>
internal sealed class SshAccessReaper(
    SshAccessStore store, SandboxStore sandboxes, SshAccessOptions options, TimeProvider time, ILogger<SshAccessReaper> logger)
    : BackgroundService
{
    /// <summary>Goes over all tokens once.</summary>
    public async Task ReapAsync(CancellationToken cancellationToken)
    {
        var runs = (await sandboxes.ListAllAsync(cancellationToken)).ToDictionary(s => s.Id, s => s.Run);
        foreach (var session in await store.ListAllAsync(cancellationToken))
        {
            if (session.Revoked
                || session.ExpiresAt <= time.GetUtcNow()
                || !runs.TryGetValue(session.SandboxId, out var run)
                || (run != session.Run && !session.IsForSsh))
            {
                await store.DeleteAsync(session.Id, cancellationToken);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.ReapInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await ReapAsync(stoppingToken);
            }
            catch (StoreUnavailableException e)
            {
                SshAccessLog.ReapFailed(logger, e.Message);
            }
        }
    }
}
