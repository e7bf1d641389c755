namespace OpenShell.Gateway.Relays;

/// <summary>What a relay leads to inside a sandbox.</summary>
internal abstract record RelayTarget
{
    /// <summary>For logs and metrics.</summary>
    public abstract string Kind { get; }

    /// <summary>Where it leads to, for a sandbox's log.</summary>
    public virtual string Endpoint => Kind;
}

/// <summary>One process, by exec frames.</summary>
internal sealed record ExecTarget : RelayTarget
{
    public override string Kind => "exec";
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
