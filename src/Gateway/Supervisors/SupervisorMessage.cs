namespace OpenShell.Gateway.Supervisors;

/// <summary>What a supervisor says over its session.</summary>
internal abstract record SupervisorMessage;

/// <summary>The first one: who it is. Its words are made harmless already; its ids are as they came.</summary>
internal sealed record HelloMessage(string SandboxId, string InstanceId, string Version) : SupervisorMessage
{
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>Counts the connections of its instance; 0: it does not count.</summary>
    public ulong ConnectionEpoch { get; init; }

    /// <summary>SHA256:… of the sandbox's SSH server; empty: it has none.</summary>
    public string SshHostKeyFingerprint { get; init; } = "";
}

/// <param name="SentAt">By its own clock, to be sent back; null: it does not keep its clock by ours.</param>
internal sealed record HeartbeatMessage(long? SentAt) : SupervisorMessage;

/// <summary>It could not connect a relay's target.</summary>
internal sealed record RelayFailedMessage(string ChannelId, string Error) : SupervisorMessage;

/// <summary>It ends a relay.</summary>
internal sealed record RelayClosedMessage(string ChannelId, string Reason) : SupervisorMessage;

/// <summary>Nothing that the gateway acts on.</summary>
internal sealed record OtherMessage : SupervisorMessage;
