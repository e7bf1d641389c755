using OpenShell.Gateway.Concurrency;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Readiness;

/// <summary>
/// Writes every change of a sandbox's state. Each change is decided under the sandbox's gate from what is true at that
/// moment, sessions included, so an old disconnect can never undo a newer connect: by the time its turn comes, the
/// registry already holds the newer session.
/// </summary>
internal sealed class ReadinessController(
    SandboxStore store,
    KeyedSemaphore gates,
    SessionRegistry sessions,
    BackendTable backends,
    SandboxEventHub events,
    TimeProvider time)
{
    private readonly PhaseClock _phases = new(time);

    /// <summary>The logs of the sandboxes, for whoever changes their state.</summary>
    public SandboxJournal Journal { get; } = new(events, time);

    /// <summary>Brings the stored phase in line with the session and the driver. Unknown ids are ignored.</summary>
    public Task ReevaluateAsync(string sandboxId, CancellationToken cancellationToken) =>
        ChangeAsync(sandboxId, record => record, cancellationToken);

    /// <summary>Takes the driver's word on a sandbox and re-evaluates.</summary>
    public Task SnapshotAsync(string sandboxId, BackendSnapshot snapshot, CancellationToken cancellationToken)
    {
        backends.Set(sandboxId, snapshot);
        return ReevaluateAsync(sandboxId, cancellationToken);
    }

    /// <summary>Applies a change and re-evaluates, in one step. Enter without holding the gate.</summary>
    /// <returns>The sandbox as it is then; null if there is none.</returns>
    public async Task<SandboxRecord?> ChangeAsync(
        string sandboxId, Func<SandboxRecord, SandboxRecord> change, CancellationToken cancellationToken)
    {
        using var gate = await gates.EnterAsync(sandboxId, cancellationToken);
        return await ChangeUnderGateAsync(sandboxId, change, cancellationToken);
    }

    /// <summary>As <see cref="ChangeAsync"/>, for a caller that holds the sandbox's gate.</summary>
    public async Task<SandboxRecord?> ChangeUnderGateAsync(
        string sandboxId, Func<SandboxRecord, SandboxRecord> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = await store.GetAsync(sandboxId, cancellationToken);
            if (record is null)
            {
                // The driver's last words may come after the row has gone; nobody else would forget them.
                Removed(sandboxId);
                return null;
            }

            var next = ReadinessRules.Compose(
                change(record), backends.Find(sandboxId), sessions.Find(sandboxId)?.InstanceId, time.GetUtcNow());
            if (next == record)
            {
                return record;
            }

            // Conflict: somebody without the gate wrote (another replica, one day). Decide again from what is there now.
            var (outcome, written) = await store.UpdateAsync(next, cancellationToken);
            if (outcome == StoreOutcome.Done)
            {
                _phases.Changed(record, written);
                NotePhase(record, written);
                events.PublishState(written);
                return written;
            }
        }
    }

    /// <summary>Forgets a sandbox whose row has gone and tells its watchers.</summary>
    public void Removed(string sandboxId)
    {
        backends.Remove(sandboxId);
        _phases.Forget(sandboxId);
        events.PublishRemoved(sandboxId);
    }

    private void NotePhase(SandboxRecord before, SandboxRecord after)
    {
        // The driver's own words, with nothing of the guest's in them.
        if (after.Ready is { Reason: SandboxCondition.HostDiskFull } full && before.Ready?.Reason != full.Reason)
        {
            Journal.Note(after.Id, LogLevels.Warn, "readiness", full.Message);
        }

        if (before.Phase != after.Phase)
        {
            var level = after.Phase == SandboxPhase.Error ? LogLevels.Error : LogLevels.Info;
            // The reason only: a message may have the machine's console in it.
            var reason = after.Ready?.Reason;
            Journal.Note(after.Id, level, "readiness", $"phase {before.Phase} -> {after.Phase} ({reason})");
        }
    }
}
