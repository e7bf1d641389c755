using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Sessions;

/// <summary>What a relay leads to inside a sandbox.</summary>
internal abstract record RelayTarget
{
    /// <summary>For logs and metrics.</summary>
    public abstract string Kind { get; }

    /// <summary>The session feature of supervisors that have it; null: all do.</summary>
    public virtual string? Feature => null;

    /// <summary>What a supervisor without the feature does not know, as the caller asked for it.</summary>
    public virtual string Asked => Kind;

    /// <summary>Where it leads to, for a sandbox's log.</summary>
    public virtual string Endpoint => Kind;
}

/// <summary>One process, by exec frames.</summary>
/// <param name="WithoutLoginShell">
/// The environment of a login shell is not wanted. Whether a supervisor without the feature has one nobody knows.
/// </param>
internal sealed record ExecTarget(bool WithoutLoginShell = false) : RelayTarget
{
    public override string Kind => "exec";

    public override string? Feature => WithoutLoginShell ? RelayFeatures.LoginEnvironment : null;

    public override string Asked => WithoutLoginShell ? "no_login_shell" : Kind;
}

/// <summary>The supervisor's SSH server.</summary>
internal sealed record SshTarget : RelayTarget
{
    public override string Kind => "ssh";
}

/// <summary>A TCP port on the guest's loopback.</summary>
internal sealed record TcpTarget(string Host, int Port) : RelayTarget
{
    public override string Kind => "tcp";

    public override string Endpoint => $"tcp {Host}:{Port}";
}

/// <summary>A port to listen on, on the guest's loopback.</summary>
/// <param name="Host">A loopback address or "localhost".</param>
/// <param name="Port">0: any.</param>
/// <param name="ListenerId">At random.</param>
internal sealed record ListenTarget(string Host, int Port, string ListenerId) : RelayTarget
{
    public override string Kind => "listen";

    public override string? Feature => RelayFeatures.Listen;

    public override string Endpoint => $"listen {Host}:{Port}";
}

/// <summary>A connection that a listener has accepted.</summary>
internal sealed record AcceptedTarget(string ListenerId, ulong ConnectionId) : RelayTarget
{
    public override string Kind => "accepted";

    public override string? Feature => RelayFeatures.Listen;

    public override string Endpoint => $"accepted {ConnectionId}";
}
