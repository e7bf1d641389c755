using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Readiness;

/// <summary>
/// Writes every change of a sandbox's state. Each change is decided under the sandbox's lock from what is true at that
/// moment, sessions included, so an old disconnect can never undo a newer connect: by the time its turn comes, the
/// registry already holds the newer session.
/// </summary>
internal sealed class ReadinessController(
    SandboxStore store,
    SandboxLocks locks,
    SessionRegistry sessions,
    DriverStatusCache statuses,
    StatePublisher publisher,
    SandboxLife life)
{
    /// <summary>The rules that records change by.</summary>
    public SandboxLife Life => life;

    /// <summary>Whether the sandbox has a supervisor's session at this moment.</summary>
    public bool IsConnected(string sandboxId) => sessions.Find(sandboxId) is not null;

    /// <summary>Brings the stored phase in line with the session and the driver. Unknown ids are ignored.</summary>
    public Task ReevaluateAsync(string sandboxId, CancellationToken cancellationToken) =>
        ChangeAsync(sandboxId, record => record, cancellationToken);

    /// <summary>Takes what the driver says about a sandbox and re-evaluates.</summary>
    public Task SetDriverStatusAsync(string sandboxId, DriverStatus status, CancellationToken cancellationToken)
    {
        statuses.Set(sandboxId, status);
        return ReevaluateAsync(sandboxId, cancellationToken);
    }

    /// <summary>Applies a change and re-evaluates, in one step. Enter without holding the lock.</summary>
    /// <returns>The sandbox as it is then; null if there is none.</returns>
    public async Task<SandboxRecord?> ChangeAsync(
        string sandboxId, Func<SandboxRecord, SandboxRecord> change, CancellationToken cancellationToken)
    {
        using var held = await locks.EnterAsync(sandboxId, cancellationToken);
        return await ChangeLockedAsync(sandboxId, change, cancellationToken);
    }

    /// <summary>As <see cref="ChangeAsync"/>, for a caller that holds the sandbox's lock.</summary>
    public async Task<SandboxRecord?> ChangeLockedAsync(
        string sandboxId, Func<SandboxRecord, SandboxRecord> change, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = await store.GetAsync(sandboxId, cancellationToken);
            if (record is null)
            {
                // The driver's last event may come after the row has gone; nobody else would forget it.
                Removed(sandboxId);
                return null;
            }

            var next = life.Compose(record, change(record), statuses.Find(sandboxId), sessions.Find(sandboxId));
            if (next == record)
            {
                return record;
            }

            // Conflict: somebody without the lock wrote (another replica, one day). Decide again from what is there now.
            var (outcome, written) = await store.UpdateAsync(next, cancellationToken);
            if (outcome == StoreOutcome.Done)
            {
                publisher.Changed(record, written);
                return written;
            }
        }
    }

    /// <summary>A row that has been made or read without a change: from now on time acts on it.</summary>
    public void Note(SandboxRecord record) => publisher.Known(record);

    /// <summary>Removes a sandbox's row, and every trace of it. For a caller that holds the sandbox's lock.</summary>
    public async Task DeleteLockedAsync(string sandboxId)
    {
        await store.DeleteAsync(sandboxId, CancellationToken.None);
        Forget(sandboxId);
    }

    /// <summary>Drops every trace of a sandbox whose row has gone.</summary>
    public void Forget(string sandboxId)
    {
        sessions.Forget(sandboxId);
        Removed(sandboxId);
    }

    // Not the registry's fence: a hello that was checked while the row was there may still have to be turned down.
    private void Removed(string sandboxId)
    {
        statuses.Remove(sandboxId);
        publisher.Removed(sandboxId);
    }
}
