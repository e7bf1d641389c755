using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Relays;

/// <summary>What the gateway writes about sessions and relays: lines for people, OCSF events for programs.</summary>
internal static class SandboxJournalEvents
{
    private const string SessionTarget = "session";
    private const string Session = "session";
    private const string Relay = "relay";

    public static void SessionConnected(this SandboxJournal journal, SupervisorSession session, SupervisorSession? superseded)
    {
        var how = superseded is null ? "" : $", superseding {superseded.SessionId}";
        journal.Note(session.SandboxId, LogLevels.Info, SessionTarget, $"supervisor connected, session {session.SessionId}, version {session.Version}{how}");
        journal.Network(session.SandboxId, new NetworkActivity(NetworkActivityKind.Open, Session, session.SessionId, ""));
    }

    public static void SessionEnded(this SandboxJournal journal, SupervisorSession session, TimeSpan duration)
    {
        var failed = session.EndReason is SessionEnd.Silent or SessionEnd.Stuck;
        var kind = failed ? NetworkActivityKind.Fail : NetworkActivityKind.Close;
        var level = failed ? LogLevels.Warn : LogLevels.Info;
        journal.Note(session.SandboxId, level, SessionTarget, $"session {session.SessionId} ended: {session.EndReason}");
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
        journal.Note(sandboxId, LogLevels.Warn, SessionTarget, $"supervisor rejected: {refusal.Message}");
        journal.Network(sandboxId, new NetworkActivity(kind, Session, "", "") { Reason = refusal.Message });
    }

    /// <summary>The sandbox claimed a relay of another one.</summary>
    public static void ClaimRefused(this SandboxJournal journal, string sandboxId, string channelId, string reason) =>
        journal.Network(sandboxId, new NetworkActivity(NetworkActivityKind.Refuse, Relay, channelId, "") { Reason = reason });

    public static void RelayOpened(this SandboxJournal journal, ActiveRelay relay) => journal.Network(
        relay.SandboxId, new NetworkActivity(NetworkActivityKind.Open, Relay, relay.ChannelId, relay.Target.Endpoint));

    /// <summary>It was there and is over; <paramref name="broken"/> if the connection under it broke.</summary>
    public static void RelayEnded(this SandboxJournal journal, ActiveRelay relay, TimeSpan duration, string reason, bool broken) =>
        journal.Network(
            relay.SandboxId,
            new NetworkActivity(
                broken ? NetworkActivityKind.Fail : NetworkActivityKind.Close, Relay, relay.ChannelId, relay.Target.Endpoint)
            {
                Duration = duration,
                Reason = reason,
            });

    /// <summary>It could not be opened; the channel is empty if there was none yet.</summary>
    public static void RelayFailed(this SandboxJournal journal, string sandboxId, string channelId, RelayTarget target, string reason) =>
        journal.Network(sandboxId, new NetworkActivity(NetworkActivityKind.Fail, Relay, channelId, target.Endpoint) { Reason = reason });
}
