namespace OpenShell.Ssh.Work;

/// <summary>How a client can say who it is. Passwords are never taken.</summary>
[Flags]
public enum SshAuthenticationMethods
{
    /// <summary>The user name alone (RFC 4252, section 5.2).</summary>
    None = 1,

    /// <summary>A key and a signature, which libssh verifies.</summary>
    PublicKey = 2,
}
