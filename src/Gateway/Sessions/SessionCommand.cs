namespace OpenShell.Gateway.Sessions;

/// <summary>What the gateway asks of a supervisor over its session.</summary>
internal abstract record SessionCommand;

/// <summary>Connect a target and claim the channel.</summary>
internal sealed record OpenRelayCommand(string ChannelId, RelayTarget Target, string ServiceId) : SessionCommand;

/// <summary>End a relay.</summary>
internal sealed record CloseRelayCommand(string ChannelId, string Reason) : SessionCommand;

/// <summary>We are still here.</summary>
/// <param name="TellsTime">The supervisor keeps its clock by ours.</param>
/// <param name="AnswersSentAt">When the heartbeat was sent that this answers, by its sender's clock; null: it answers none.</param>
internal sealed record HeartbeatCommand(bool TellsTime, long? AnswersSentAt) : SessionCommand
{
    public static readonly HeartbeatCommand Instance = new(false, null);
}

/// <summary>Use this token from now on.</summary>
internal sealed record RenewTokenCommand(string Token, DateTimeOffset Expires) : SessionCommand;
