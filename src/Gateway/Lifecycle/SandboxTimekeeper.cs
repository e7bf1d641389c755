using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Does what is due with a sandbox, under its lock and from a fresh look: a start by its restart policy, the end of a start
/// that takes too long, the clean-up after that, the end of a crash loop. Whoever was there first with a stop, a start or a
/// deletion has left nothing due.
/// </summary>
internal sealed class SandboxTimekeeper(
    SandboxStore store, SandboxLocks locks, ReadinessController readiness, SandboxTransitions transitions, SandboxDeadlines deadlines)
{
    /// <summary>What was due and still is, whatever was done about it, is looked at again so much later.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    public async Task ActAsync(string sandboxId, CancellationToken cancellationToken)
    {
        using var held = await locks.EnterAsync(sandboxId, cancellationToken);
        // A session that is registered may still wait for the lock: it counts.
        if (await readiness.ChangeLockedAsync(sandboxId, r => r, cancellationToken) is not { } record)
        {
            return;
        }

        var life = readiness.Life;
        if (life.Due(record) is not { } due || due > life.Now)
        {
            readiness.Note(record);
            return;
        }

        await ActLockedAsync(record, cancellationToken);
        // It was taken out of the deadlines, and only what is written is noted there again.
        if (await store.GetAsync(sandboxId, cancellationToken) is { } after && life.Due(after) <= life.Now)
        {
            deadlines.Postpone(sandboxId, RetryDelay);
        }
    }

    private async Task ActLockedAsync(SandboxRecord record, CancellationToken cancellationToken)
    {
        switch (record)
        {
            case { NextRestart: not null }:
                await transitions.StartAsync(record, StartCause.Policy);
                break;
            case { Provisioning.NeedsCleanup: true }:
                await transitions.CleanUpAsync(record);
                break;
            case { Provisioning.Deadline: not null } when record.Ready?.Reason == SandboxCondition.HostDiskFull:
                // It goes on by itself when there is room.
                await readiness.ChangeLockedAsync(record.Id, readiness.Life.WithMoreTime, cancellationToken);
                break;
            case { Provisioning.Deadline: not null }:
                await transitions.TimeOutAsync(record);
                break;
            default:
                await readiness.ChangeLockedAsync(record.Id, r => r with { RestartCount = 0 }, cancellationToken);
                break;
        }
    }
}
