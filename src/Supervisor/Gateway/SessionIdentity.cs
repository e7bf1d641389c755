using Grpc.Core;

namespace OpenShell.Supervisor.Gateway;

/// <summary>What the supervisor tells the gateway of itself.</summary>
/// <param name="SshFingerprint">Of its SSH server's host key; empty: it has none.</param>
internal sealed record SessionIdentity(string SandboxId, string InstanceId, string Version, string SshFingerprint = "");

/// <summary>The sandbox by its name, and its supervisor.</summary>
internal sealed record SandboxIdentity(string Name, SessionIdentity Session);

/// <summary>
/// Numbers the connections of this supervisor, so that a gateway that hears of two knows which one is in use. They begin at the
/// time since the machine came up: a supervisor that is started again with the same identity goes on above those before it.
/// </summary>
internal sealed class ConnectionEpochs(TimeProvider time)
{
    private ulong _last;

    public ulong Next() => _last = Math.Max(_last + 1, (ulong)Math.Max(0, time.GetTimestamp()));
}

/// <summary>The sandbox's token, in memory only. The gateway renews it over the session.</summary>
internal sealed class SandboxToken(string value)
{
    private volatile string _value = value;

    public string Value
    {
        get => _value;
        set => _value = value;
    }

    /// <summary>Request metadata with it.</summary>
    public Metadata Metadata => new() { { "authorization", $"Bearer {_value}" } };

    /// <inheritdoc/>
    public override string ToString() => "(a token)";
}
