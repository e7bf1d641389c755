namespace OpenShell.Gateway.Sessions;

/// <summary>What the gateway asks of a supervisor over its session.</summary>
internal abstract record SessionCommand;

/// <summary>The first command of a session that stands.</summary>
internal sealed record AcceptSessionCommand(string SessionId, TimeSpan HeartbeatInterval, IReadOnlySet<string> Features) : SessionCommand;

/// <summary>The only command where there is no session.</summary>
internal sealed record RejectSessionCommand(string Reason) : SessionCommand;

/// <summary>Connect a target and claim the channel.</summary>
internal sealed record OpenRelayCommand(string ChannelId, RelayTarget Target, string ServiceId) : SessionCommand;

/// <summary>End a relay.</summary>
internal sealed record CloseRelayCommand(string ChannelId, string Reason) : SessionCommand;

/// <summary>The gateway is alive, and hears.</summary>
/// <param name="TellsTime">The supervisor keeps its clock by ours.</param>
/// <param name="AnswersSentAt">When the heartbeat was sent that this answers, by its sender's clock; null: it answers none.</param>
internal sealed record HeartbeatCommand(bool TellsTime, long? AnswersSentAt) : SessionCommand
{
    public static readonly HeartbeatCommand Instance = new(false, null);
}

/// <summary>Use this token from now on.</summary>
internal sealed record RenewTokenCommand(string Token, DateTimeOffset Expires) : SessionCommand;
