using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Relays;

/// <summary>What the gateway writes about relays into sandboxes' logs: OCSF events.</summary>
internal static class RelayJournal
{
    private const string Relay = "relay";

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
