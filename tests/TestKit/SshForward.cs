using System.Buffers;
using System.Net.Sockets;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;

namespace OpenShell.TestKit;

/// <summary>A Unix socket that leads to a sandbox's SSH server through the gateway's ForwardTcp, for <see cref="SshClient"/>.</summary>
public sealed class SshForward : IAsyncDisposable
{
    private readonly GatewayProcess _gateway;
    private readonly string _sandbox;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler());
    private readonly Task _accepting;

    private SshForward(GatewayProcess gateway, Sandbox sandbox, string path, string fingerprint)
    {
        _gateway = gateway;
        _sandbox = sandbox.Metadata.Name;
        Path = path;
        Fingerprint = fingerprint;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _accepting = AcceptAllAsync();
    }

    /// <summary>The socket.</summary>
    public string Path { get; }

    /// <summary>Of the host key, as CreateSshSession tells it.</summary>
    public string Fingerprint { get; }

    /// <summary>Listens.</summary>
    public static async Task<SshForward> OpenAsync(GatewayProcess gateway, Sandbox sandbox, string path)
    {
        var session = await gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name });
        return new SshForward(gateway, sandbox, path, session.HostKeyFingerprint);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        _http.Dispose();
        File.Delete(Path);
    }

    private async Task AcceptAllAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(CarryAsync(await _listener.AcceptAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The listener is closed.
        }

        await Eventually.EndsAsync(Task.WhenAll(connections), "all SSH connections end");
    }

    private async Task CarryAsync(Socket socket)
    {
        using (socket)
        {
            var session = await _gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = _sandbox });
            var init = new TcpForwardInit
            {
                Workspace = "default",
                Sandbox = _sandbox,
                ServiceId = "ssh",
                Ssh = new SshRelayTarget(),
                AuthorizationToken = session.Token,
            };
            await using var relay = await ForwardClient.OpenAsync(_http, _gateway.Endpoint, _gateway.AdminToken, init, CancellationToken.None);
            await Task.WhenAll(
                CloseIfBrokenAsync(UpAsync(socket, relay), socket, relay), CloseIfBrokenAsync(DownAsync(relay, socket), socket, relay));
        }
    }

    // A direction that breaks, because the client or the sandbox has gone, takes the other with it.
    private static async Task CloseIfBrokenAsync(Task direction, Socket socket, RelayConnection relay)
    {
        try
        {
            await direction;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            socket.Dispose();
            relay.Abort();
        }
    }

    private static async Task UpAsync(Socket socket, RelayConnection relay)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await socket.ReceiveAsync(buffer)) > 0)
        {
            await relay.WriteAsync(new ReadOnlySequence<byte>(buffer, 0, count), flush: true, CancellationToken.None);
        }

        await relay.CompleteWritesAsync(CancellationToken.None);
    }

    private static async Task DownAsync(RelayConnection relay, Socket socket)
    {
        while (await relay.ReadAsync(CancellationToken.None) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var piece in read.Data)
            {
                for (var rest = piece; !rest.IsEmpty;)
                {
                    rest = rest[await socket.SendAsync(rest)..];
                }
            }

            relay.Advance();
        }

        socket.Shutdown(SocketShutdown.Send);
    }
}
