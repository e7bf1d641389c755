using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Supervisors;

/// <summary>What happens to sessions, for the metrics, the gateway's log and the sandbox's log.</summary>
internal sealed class SessionNotes(SandboxJournal journal, TimeProvider time, ILogger<SessionNotes> logger)
{
    /// <returns>When it was, for <see cref="Ended"/>.</returns>
    public DateTimeOffset Connected(SupervisorSession session, SupervisorSession? superseded)
    {
        SessionMetrics.Connected(superseded is not null);
        SessionLog.Connected(logger, session.SandboxId, session.SessionId, session.Version, superseded is not null);
        journal.SessionConnected(session, superseded);
        return time.GetUtcNow();
    }

    public void Ended(SupervisorSession session, DateTimeOffset since)
    {
        SessionMetrics.Ended(session.EndReason);
        SessionLog.Ended(logger, session.SandboxId, session.SessionId, session.EndReason);
        journal.SessionEnded(session, time.GetUtcNow() - since);
    }

    /// <summary>It shows another SSH host key than the sandbox is known by; the sandbox's own log has the two.</summary>
    public void HostKeyChanged(SupervisorSession session) => SessionLog.HostKeyChanged(logger, session.SandboxId, session.SessionId);

    public void Rejected(string sandboxId, Failure refusal)
    {
        SessionMetrics.Rejected(refusal.Kind);
        SessionLog.Rejected(logger, sandboxId, refusal.Message);
        journal.SessionRejected(sandboxId, refusal);
    }
}
