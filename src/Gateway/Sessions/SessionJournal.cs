using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Sessions;

/// <summary>What the gateway writes about sessions into sandboxes' logs: lines for people, OCSF events for programs.</summary>
internal static class SessionJournal
{
    private const string Target = "session";
    private const string Session = "session";

    public static void SessionConnected(this SandboxJournal journal, SupervisorSession session, SupervisorSession? superseded)
    {
        var how = superseded is null ? "" : $", superseding {superseded.SessionId}";
        journal.Note(session.SandboxId, LogLevels.Info, Target, $"supervisor connected, session {session.SessionId}, version {session.Version}{how}");
        journal.Network(session.SandboxId, new NetworkActivity(NetworkActivityKind.Open, Session, session.SessionId, ""));
    }

    public static void SessionEnded(this SandboxJournal journal, SupervisorSession session, TimeSpan duration)
    {
        var failed = session.EndReason is SessionEnd.Silent or SessionEnd.Stuck;
        var kind = failed ? NetworkActivityKind.Fail : NetworkActivityKind.Close;
        var level = failed ? LogLevels.Warn : LogLevels.Info;
        journal.Note(session.SandboxId, level, Target, $"session {session.SessionId} ended: {session.EndReason}");
        journal.Network(session.SandboxId, new NetworkActivity(kind, Session, session.SessionId, "")
        {
            Duration = duration,
            Reason = session.EndReason.ToString(),
        });
    }

    /// <summary>A hello was turned down; that of a sandbox that says it is another one is an event of its own kind.</summary>
    public static void SessionRejected(this SandboxJournal journal, string sandboxId, Failure refusal)
    {
        var kind = refusal.Kind == FailureKind.PermissionDenied ? NetworkActivityKind.Refuse : NetworkActivityKind.Fail;
        journal.Note(sandboxId, LogLevels.Warn, Target, $"supervisor rejected: {refusal.Message}");
        journal.Network(sandboxId, new NetworkActivity(kind, Session, "", "") { Reason = refusal.Message });
    }
}
