using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Readiness;

/// <summary>
/// Tells of a change that has been stored: the metrics, the sandbox's log, its watchers, and what waits for its time. Call in the
/// order of a sandbox's changes.
/// </summary>
internal sealed class StatePublisher(SandboxEventHub events, SandboxJournal journal, SandboxDeadlines deadlines, TimeProvider time)
{
    private const string Target = "readiness";

    private readonly PhaseClock _phases = new(time);

    public void Changed(SandboxRecord before, SandboxRecord after)
    {
        _phases.Changed(before, after);
        NotePhase(before, after);
        deadlines.Note(after);
        events.PublishState(after);
    }

    /// <summary>A row that is there, without a change.</summary>
    public void Known(SandboxRecord record) => deadlines.Note(record);

    /// <summary>The sandbox does not exist any more.</summary>
    public void Removed(string sandboxId)
    {
        _phases.Forget(sandboxId);
        deadlines.Remove(sandboxId);
        events.PublishRemoved(sandboxId);
    }

    private void NotePhase(SandboxRecord before, SandboxRecord after)
    {
        // The driver's own words, with nothing of the guest's in them.
        if (after.Ready is { Reason: SandboxCondition.HostDiskFull } full && before.Ready?.Reason != full.Reason)
        {
            journal.Note(after.Id, LogLevels.Warn, Target, full.Message);
        }

        if (HostKey(after) is { } changed && HostKey(before)?.Message != changed.Message)
        {
            journal.Note(after.Id, LogLevels.Warn, Target, changed.Message);
        }

        if (before.Phase != after.Phase)
        {
            var level = after.Phase == SandboxPhase.Error ? LogLevels.Error : LogLevels.Info;
            // The reason only: a message may have the machine's console in it.
            journal.Note(after.Id, level, Target, $"phase {before.Phase} -> {after.Phase} ({after.Ready?.Reason})");
        }
    }

    private static SandboxCondition? HostKey(SandboxRecord record) => record.Conditions.FirstOrDefault(c => c.Type == SandboxCondition.HostKeyType);
}
