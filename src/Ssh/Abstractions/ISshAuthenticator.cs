namespace OpenShell.Ssh.Abstractions;

/// <summary>Decides who may come in, and to what. Called on the thread pool, by many connections at once.</summary>
public interface ISshAuthenticator
{
    /// <summary>Methods that a client may try.</summary>
    SshAuthenticationMethods Methods { get; }

    /// <summary>Null: refused. A public key that is only asked about is answered in the same way, and proven later.</summary>
    ValueTask<ISshConnectionHandler?> AuthenticateAsync(SshCredential credential, CancellationToken cancellationToken);
}

/// <summary>What a client authenticates with.</summary>
/// <param name="User">The user name; it may be a secret.</param>
/// <param name="PublicKey">In the form of authorized_keys, "ssh-ed25519 AAAA…"; null for the method "none".</param>
/// <param name="IsProven">False: the client only asks whether the key would do, and has not shown that it has it.</param>
public sealed record SshCredential(string User, string? PublicKey, bool IsProven);

/// <summary>How a client can say who it is. Passwords are never taken.</summary>
[Flags]
public enum SshAuthenticationMethods
{
    /// <summary>The user name alone (RFC 4252, section 5.2).</summary>
    None = 1,

    /// <summary>A key and a signature, which libssh verifies.</summary>
    PublicKey = 2,
}
