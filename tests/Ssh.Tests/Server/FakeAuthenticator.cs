using OpenShell.Ssh.Abstractions;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>Lets in who has the right name, or the right key.</summary>
internal sealed class FakeAuthenticator : ISshAuthenticator
{
    /// <summary>A user name that is answered with an exception.</summary>
    public const string Defect = "defect";

    public SshAuthenticationMethods Methods { get; init; } = SshAuthenticationMethods.None;

    /// <summary>The one user who needs no key.</summary>
    public string User { get; init; } = "";

    /// <summary>"type base64" of the one key.</summary>
    public string? Key { get; init; }

    /// <summary>What they get.</summary>
    public Func<FakeHandler> Work { get; init; } = () => new FakeHandler();

    public ValueTask<ISshConnectionHandler?> AuthenticateAsync(SshCredential credential, CancellationToken cancellationToken)
    {
        if (credential.User == Defect)
        {
            throw new InvalidOperationException(Defect);
        }

        var known = credential.PublicKey is { } key ? key == Key : credential.User == User;
        return new ValueTask<ISshConnectionHandler?>(known ? Work() : null);
    }
}
