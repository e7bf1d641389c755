namespace OpenShell.Ssh.Abstractions;

/// <summary>Limits of an SSH server. What is beyond one is refused; what was before stays.</summary>
public sealed record SshServerOptions
{
    /// <summary>Connections at a time; one more is closed at once.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Connections that have not authenticated yet; for one more, the oldest of them is closed.</summary>
    public int MaxHandshakes { get; init; } = 64;

    /// <summary>From the connection to the end of authentication.</summary>
    public TimeSpan AuthenticationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Failed attempts to authenticate, after which the connection is closed.</summary>
    public int MaxAuthenticationAttempts { get; init; } = 6;

    /// <summary>Channels of a connection, forwarded ones included: a browser behind <c>ssh -L</c> opens dozens.</summary>
    public int MaxChannels { get; init; } = 256;

    /// <summary>Ports that a connection may listen on (ssh -R).</summary>
    public int MaxListeners { get; init; } = 16;
}
