using Grpc.Core;
using OpenShell.Cli.Context;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>A forwarded stream into a sandbox and the token that opened it, which is revoked with it.</summary>
internal sealed class SandboxStream : IAsyncDisposable
{
    // Delays the end of the command; a token that is not revoked expires.
    private static readonly TimeSpan RevokeTimeout = TimeSpan.FromSeconds(1);

    private readonly GatewayConnection _connection;
    private readonly string? _token;

    private SandboxStream(GatewayConnection connection, CreateSshSessionResponse session, RelayConnection relay)
    {
        (_connection, _token, Relay) = (connection, session.Token, relay);
        (SandboxId, HostKeyFingerprint) = (session.SandboxId, session.HostKeyFingerprint);
    }

    // With a token of somebody else's, who revokes it.
    private SandboxStream(GatewayConnection connection, RelayConnection relay)
    {
        (_connection, Relay) = (connection, relay);
        (SandboxId, HostKeyFingerprint) = ("", "");
    }

    /// <summary>The bytes.</summary>
    public RelayConnection Relay { get; }

    /// <summary>Id of the sandbox that it leads to; empty where a token of somebody else's was used.</summary>
    public string SandboxId { get; }

    /// <summary>The SSH host key of the sandbox as <c>SHA256:…</c>; empty when the gateway does not know it.</summary>
    public string HostKeyFingerprint { get; }

    /// <summary>Opens a stream to the sandbox's SSH server.</summary>
    /// <param name="sandboxId">The only one that may have the name; null if any may.</param>
    public static Task<SandboxStream> OpenSshAsync(
        GatewayConnection connection, string sandbox, string? sandboxId, CancellationToken cancellationToken) =>
        OpenAsync(connection, sandbox, sandboxId, new TcpForwardInit { ServiceId = "ssh", Ssh = new SshRelayTarget() }, cancellationToken);

    /// <summary>Opens a stream to the sandbox's SSH server with the token of a session that there is already.</summary>
    /// <exception cref="RelayRefusedException">The gateway refused the stream.</exception>
    public static async Task<SandboxStream> OpenSshWithAsync(
        GatewayConnection connection, string sandbox, string token, CancellationToken cancellationToken)
    {
        var init = new TcpForwardInit
        {
            Sandbox = sandbox,
            Workspace = connection.Target.Workspace,
            ServiceId = "ssh",
            Ssh = new SshRelayTarget(),
            AuthorizationToken = token,
        };
        var relay = await ForwardClient.OpenAsync(connection.Streams, connection.Target.Endpoint.Uri, connection.Token, init, cancellationToken);
        return new SandboxStream(connection, relay);
    }

    /// <summary>Opens a stream to the target of <paramref name="init"/>; its sandbox and token are filled in.</summary>
    /// <param name="sandbox">Its name.</param>
    /// <param name="sandboxId">The only one that may have the name; null if any may.</param>
    /// <exception cref="CliException">Another sandbox has that name now.</exception>
    /// <exception cref="RpcException">The gateway gave no token.</exception>
    /// <exception cref="RelayRefusedException">The gateway refused the stream, or the target cannot be had.</exception>
    /// <exception cref="HttpRequestException">The gateway cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke meanwhile.</exception>
    public static async Task<SandboxStream> OpenAsync(
        GatewayConnection connection, string sandbox, string? sandboxId, TcpForwardInit init, CancellationToken cancellationToken)
    {
        var request = new CreateSshSessionRequest { Sandbox = sandbox, WorkspaceScope = connection.Scope };
        var session = await connection.Client.CreateSshSessionAsync(request, connection.Unary(cancellationToken));
        (init.Sandbox, init.Workspace, init.AuthorizationToken) = (sandbox, connection.Target.Workspace, session.Token);
        try
        {
            if (sandboxId is not null && session.SandboxId != sandboxId)
            {
                throw new CliException(RpcErrors.Replaced(sandbox));
            }

            var relay = await ForwardClient.OpenAsync(connection.Streams, connection.Target.Endpoint.Uri, connection.Token, init, cancellationToken);
            return new SandboxStream(connection, session, relay);
        }
        catch
        {
            await RevokeAsync(connection, session.Token);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Relay.DisposeAsync();
        if (_token is { } token)
        {
            await RevokeAsync(_connection, token);
        }
    }

    private static async Task RevokeAsync(GatewayConnection connection, string token)
    {
        try
        {
            await connection.Client.RevokeSshSessionAsync(
                new RevokeSshSessionRequest { Token = token, AllowMissing = true }, connection.Unary(CancellationToken.None, RevokeTimeout));
        }
        catch (RpcException)
        {
            // It expires by itself.
        }
    }
}
