using System.Net;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;
using OpenShell.Ssh.Abstractions;

namespace OpenShell.Gateway.Ssh;

/// <summary>One connection to the public SSH gateway: says who it is, and is written down coming and going.</summary>
internal sealed class SshVisitor(
    IPAddress address,
    SshAdmission admission,
    SshAttempts attempts,
    ExecLauncher launcher,
    RelayBroker relays,
    SandboxJournal journal,
    TimeProvider time,
    ILogger<SshVisitor> logger) : ISshAuthenticator
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
            SshGatewayLog.Refused(logger, _address, e.Message);
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
            : new RelaySshHandler(connection, null, launcher, relays, static () => { });
    }

    private RelaySshHandler Admit(AccessLease connection, string credential)
    {
        var refusal = admission.TryCount(connection);
        var since = time.GetTimestamp();
        SshGatewayLog.Admitted(logger, _address, connection.SandboxId, credential);
        Note(connection, NetworkActivityKind.Open, null, refusal?.Message ?? "");
        return new RelaySshHandler(connection, refusal, launcher, relays, () =>
        {
            var reason = connection.EndReason ?? "done";
            SshGatewayLog.Left(logger, _address, connection.SandboxId, credential, time.GetElapsedTime(since), reason);
            Note(connection, NetworkActivityKind.Close, time.GetElapsedTime(since), reason);
        });
    }

    // Once a connection: clients try all of their keys.
    private RelaySshHandler? Refuse(string reason)
    {
        if (!_failed)
        {
            _failed = true;
            attempts.Fail(address);
            SshGatewayLog.Refused(logger, _address, reason);
        }

        return null;
    }

    private void Note(AccessLease connection, NetworkActivityKind kind, TimeSpan? duration, string reason) =>
        journal.Network(connection.SandboxId, new NetworkActivity(kind, "ssh connection", connection.CredentialId, $"from {_address}")
        {
            Duration = duration,
            Reason = reason,
        });
}
