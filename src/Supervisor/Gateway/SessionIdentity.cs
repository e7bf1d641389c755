using Grpc.Core;

namespace OpenShell.Supervisor.Gateway;

/// <summary>What the supervisor tells the gateway of itself.</summary>
/// <param name="SshFingerprint">Of its SSH server's host key; empty: it has none.</param>
internal sealed record SessionIdentity(string SandboxId, string InstanceId, string Version, string SshFingerprint = "");

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
