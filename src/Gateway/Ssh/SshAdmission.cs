using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Ssh;

/// <summary>
/// Who may come into which sandbox at the public SSH gateway: an access token as user name is enough; with the name of a
/// sandbox as user name it takes a registered key. One of another workspace than the default is named NAME.WORKSPACE.
/// </summary>
internal sealed class SshAdmission(SshAccessTokens tokens, SshKeyStore keys, SandboxStore sandboxes, AccessLeases connections)
{
    /// <summary>The sandbox that a token is for; null if the token is not good.</summary>
    public async Task<AccessLease?> ByTokenAsync(SshAccessToken token, CancellationToken cancellationToken) =>
        await EnterAsync(token.Id, async () =>
            await tokens.FindAccessAsync(token, cancellationToken) is { } record
                ? await sandboxes.GetAsync(record.SandboxId, cancellationToken)
                : null);

    /// <summary>The sandbox of a name, for the owner of a key; null if the key is not registered or there is none of that name.</summary>
    /// <param name="user">Name of the sandbox, or name and workspace.</param>
    public async Task<AccessLease?> ByKeyAsync(SshPublicKey key, string user, CancellationToken cancellationToken) =>
        await EnterAsync(key.Fingerprint, async () =>
            await keys.GetAsync(key.Fingerprint, cancellationToken) is { } record && record.Key == key.Key
                ? await FindAsync(user, cancellationToken)
                : null);

    /// <summary>Takes a place among the connections of the sandbox.</summary>
    /// <returns>The failure to tell the client if there is none.</returns>
    public Failure? TryCount(AccessLease connection) => connections.TryCountConnection(connection);

    // Neither has a dot in it, and unlike a slash a dot is no trouble for scp and rsync.
    private Task<SandboxRecord?> FindAsync(string user, CancellationToken cancellationToken) => user.Split('.') switch
    {
        [var name] => sandboxes.GetByNameAsync(WorkspaceRecord.Default, name, cancellationToken),
        [var name, var workspace] => sandboxes.GetByNameAsync(workspace, name, cancellationToken),
        _ => Task.FromResult<SandboxRecord?>(null),
    };

    // Known before anything is read: what is revoked meanwhile ends this connection, too.
    private async Task<AccessLease?> EnterAsync(string credential, Func<Task<SandboxRecord?>> findSandbox)
    {
        var connection = connections.Enter(credential, "");
        try
        {
            if (await findSandbox() is { } sandbox)
            {
                connection.SandboxId = sandbox.Id;
                return connection;
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }
}
