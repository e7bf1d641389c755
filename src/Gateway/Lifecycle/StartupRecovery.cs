using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// What happens to sandboxes when the gateway starts: those that should run are started if their machine is not there any
/// more, and stops and deletions that were under way are finished. Running machines are left alone; their supervisors come
/// back by themselves.
/// </summary>
internal sealed class StartupRecovery(
    SandboxStore store,
    ReadinessController readiness,
    SandboxReconciler reconciler,
    SandboxTokens tokens,
    SandboxJournal journal,
    ILogger<StartupRecovery> logger)
{
    /// <summary>
    /// Before anything is served: the logs of all sandboxes begin anew (they are in memory), what was Ready when the gateway
    /// was killed is not, until its supervisor is back, and the time in which nobody could become Ready does not count.
    /// </summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var records = await store.ListAllAsync(cancellationToken);
        foreach (var record in records)
        {
            if (record.IsUnreadable)
            {
                SandboxLog.RowUnreadable(logger, record.Name, record.Id);
            }

            journal.Open(record.Id);
            readiness.Note(record);
        }

        await Task.WhenAll(records
            .Where(r => r.Phase == SandboxPhase.Ready || r.Provisioning?.Deadline is not null)
            .Select(r => readiness.ChangeAsync(r.Id, readiness.Life.WithMoreTime, cancellationToken)));
    }

    /// <summary>Brings the sandboxes that were running when the gateway ended back. The driver has to be there.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var reason = tokens.KeyIsNew ? ReconcileReason.StartupWithNewKey : ReconcileReason.Startup;
        var records = await store.ListAllAsync(cancellationToken);
        await Parallel.ForEachAsync(
            records.Where(r => r.IsToRun || r.IsUnfinished),
            ShutdownStop.ManyAtOnce(cancellationToken),
            async (record, token) => await reconciler.ReconcileAsync(record.Id, reason, token));
    }
}
