namespace OpenShell.Ssh.Work;

/// <summary>Decides who may come in, and to what. Called on the thread pool, by many connections at once.</summary>
public interface ISshAuthenticator
{
    /// <summary>Methods that a client may try.</summary>
    SshAuthenticationMethods Methods { get; }

    /// <summary>Null: refused. A public key that is only asked about is answered in the same way, and proven later.</summary>
    ValueTask<ISshWork?> AuthenticateAsync(SshCredential credential, CancellationToken cancellationToken);
}
