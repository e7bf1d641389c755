namespace OpenShell.Gateway.Forwarding;

/// <summary>What a <see cref="ForwardedStream"/> counts as; each kind has a limit of its own.</summary>
internal enum ForwardKind
{
    /// <summary>A ForwardTcp call.</summary>
    Stream,

    /// <summary>A connection to the public SSH gateway.</summary>
    SshConnection,
}
