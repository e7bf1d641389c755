using Grpc.Core;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Rpc;

/// <summary>A forwarded stream into a sandbox and the token that opened it, which is revoked with it.</summary>
internal sealed class SandboxStream : IAsyncDisposable
{
    // Delays the end of the command; a token that is not revoked expires.
    private static readonly TimeSpan RevokeTimeout = TimeSpan.FromSeconds(1);

    private readonly GatewayConnection _connection;
    private readonly string _token;

    private SandboxStream(GatewayConnection connection, CreateSshSessionResponse session, RelayConnection relay)
    {
        (_connection, _token, Relay) = (connection, session.Token, relay);
        HostKeyFingerprint = session.HostKeyFingerprint;
    }

    /// <summary>The bytes.</summary>
    public RelayConnection Relay { get; }

    /// <summary>The SSH host key of the sandbox as <c>SHA256:…</c>; empty when the gateway does not know it.</summary>
    public string HostKeyFingerprint { get; }

    /// <summary>Opens a stream to the sandbox's SSH server.</summary>
    public static Task<SandboxStream> OpenSshAsync(GatewayConnection connection, string sandboxId, CancellationToken cancellationToken) =>
        OpenAsync(connection, new TcpForwardInit { SandboxId = sandboxId, ServiceId = "ssh", Ssh = new SshRelayTarget() }, cancellationToken);

    /// <summary>Opens a stream to the target of <paramref name="init"/>; its token is filled in.</summary>
    /// <exception cref="RpcException">The gateway gave no token.</exception>
    /// <exception cref="RelayRefusedException">The gateway refused the stream, or the target cannot be had.</exception>
    /// <exception cref="HttpRequestException">The gateway cannot be reached.</exception>
    /// <exception cref="IOException">The connection broke meanwhile.</exception>
    public static async Task<SandboxStream> OpenAsync(GatewayConnection connection, TcpForwardInit init, CancellationToken cancellationToken)
    {
        var request = new CreateSshSessionRequest { SandboxId = init.SandboxId };
        var session = await connection.Client.CreateSshSessionAsync(request, connection.Unary(cancellationToken));
        init.AuthorizationToken = session.Token;
        try
        {
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
        await RevokeAsync(_connection, _token);
    }

    private static async Task RevokeAsync(GatewayConnection connection, string token)
    {
        try
        {
            await connection.Client.RevokeSshSessionAsync(
                new RevokeSshSessionRequest { Token = token }, connection.Unary(CancellationToken.None, RevokeTimeout));
        }
        catch (RpcException)
        {
            // It expires by itself.
        }
    }
}
