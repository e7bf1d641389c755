using Grpc.Core;

namespace OpenShell.Supervisor.Gateway;

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
