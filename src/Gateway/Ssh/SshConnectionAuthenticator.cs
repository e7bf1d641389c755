using System.Net;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Ssh.Abstractions;

namespace OpenShell.Gateway.Ssh;

/// <summary>Decides who one connection to the public SSH gateway is, and what it may lead to.</summary>
internal sealed class SshConnectionAuthenticator(
    IPAddress address,
    SshAdmission admission,
    SshAttempts attempts,
    RelaySshHandlerFactory handlers,
    SshConnectionNotes notes) : ISshAuthenticator
{
    private readonly string _address = address.ToString();
    private bool _failed;

    /// <inheritdoc/>
    public SshAuthenticationMethods Methods => SshAuthenticationMethods.None | SshAuthenticationMethods.PublicKey;

    /// <inheritdoc/>
    public async ValueTask<ISshConnectionHandler?> AuthenticateAsync(SshCredential credential, CancellationToken cancellationToken)
    {
        try
        {
            return credential.PublicKey is { } key
                ? await ByKeyAsync(credential, key, cancellationToken)
                : await ByTokenAsync(credential.User, cancellationToken);
        }
        catch (StoreUnavailableException e)
        {
            notes.Refused(_address, e.Message);
            return null;
        }
    }

    private async Task<ISshConnectionHandler?> ByTokenAsync(string user, CancellationToken cancellationToken)
    {
        if (!SshAccessToken.TryParse(user, out var token))
        {
            // Every client begins with nothing but its user name, to learn what it may try.
            return null;
        }

        return await admission.ByTokenAsync(token.Value, cancellationToken) is { } connection
            ? Admit(connection, $"token {connection.CredentialId}")
            : Refuse("its access token is unknown, expired or revoked");
    }

    private async Task<ISshConnectionHandler?> ByKeyAsync(SshCredential credential, string line, CancellationToken cancellationToken)
    {
        if (!SshPublicKey.Parse(line).Succeeded(out var key, out _))
        {
            return Refuse("its key is of an unknown type");
        }

        if (await admission.ByKeyAsync(key, credential.User, cancellationToken) is not { } connection)
        {
            return Refuse($"key {key.Fingerprint} is not registered, or there is no sandbox of that name");
        }

        return credential.IsProven
            ? Admit(connection, $"key {key.Fingerprint}")
            : handlers.Create(connection, null, static () => { });
    }

    private RelaySshHandler Admit(AccessLease connection, string credential)
    {
        var refusal = admission.TryCount(connection);
        return handlers.Create(connection, refusal, notes.Admitted(connection, _address, credential, refusal?.Message));
    }

    // Once a connection: clients try all of their keys.
    private RelaySshHandler? Refuse(string reason)
    {
        if (!_failed)
        {
            _failed = true;
            attempts.Fail(address);
            notes.Refused(_address, reason);
        }

        return null;
    }
}
