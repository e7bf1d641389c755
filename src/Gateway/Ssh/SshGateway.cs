using System.Net;
using System.Net.Sockets;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Connections;
using OpenShell.Linux.Sockets;
using OpenShell.Ssh;
using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Keys;

namespace OpenShell.Gateway.Ssh;

/// <summary>The public SSH gateway (--ssh-bind): listens, and hands connections to libssh. Off without an address.</summary>
internal sealed class SshGateway(
    GatewayOptions options,
    StateDirectory state,
    SshAuthenticatorFactory authenticators,
    DescriptorBudget descriptors,
    TimeProvider time,
    ILogger<SshGateway> logger)
    : IHostedService, IDisposable
{
    private const int Backlog = 512;

    private readonly CancellationTokenSource _stopping = new();
    private Socket? _listener;
    private SshServer? _server;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Where it listens; null: it does not.</summary>
    public IPEndPoint? EndPoint => (IPEndPoint?)_listener?.LocalEndPoint;

    /// <summary>SHA256:… of its host key; empty if it does not listen.</summary>
    public string Fingerprint { get; private set; } = "";

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.SshBind is { } endpoint)
        {
            Start(endpoint);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener?.Dispose();
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }

    /// <summary>After the stop.</summary>
    public void Dispose()
    {
        _listener?.Dispose();
        _stopping.Dispose();
    }

    private void Start(IPEndPoint endpoint)
    {
        var path = Path.Combine(state.Path, "ssh_host_ed25519_key");
        var text = SecretFile.ReadOrCreate(path, static () => SshHostKey.Generate().PrivateText.TrimEnd());
        var key = SshHostKey.TryParse(text + "\n")
            ?? throw new IOException($"{path} is no ed25519 key; {SecretFile.Remedy}, of which clients will warn");
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(endpoint);
            _listener.Listen(Backlog);
        }
        catch (SocketException e)
        {
            throw new IOException(e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"{endpoint} is in use; stop what listens there or give another --ssh-bind"
                : $"cannot listen on --ssh-bind {endpoint}: {e.Message}");
        }

        _server = new SshServer(Limits(), key, time, e => SshGatewayLog.Defect(logger, e));
        Fingerprint = key.Fingerprint;
        _accepting = AcceptAllAsync(_listener, _server, _stopping.Token);
        SshGatewayLog.Listening(logger, EndPoint!.ToString(), Fingerprint);
    }

    // The defaults, where there are descriptors for them.
    private SshServerOptions Limits()
    {
        var defaults = new SshServerOptions();
        var handshakes = Math.Max(1, Math.Min(defaults.MaxHandshakes, descriptors.MaxSsh / 5));
        return defaults with
        {
            MaxHandshakes = handshakes,
            MaxConnections = Math.Max(1, Math.Min(defaults.MaxConnections, descriptors.MaxSsh - handshakes)),
        };
    }

    private async Task AcceptAllAsync(Socket listener, SshServer server, CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var (socket, peer) = await SocketAccept.NextAsync(
                    listener, Prepare, failure => SshGatewayLog.AcceptFailed(logger, failure.Message), time, stopping);
                if (peer is not null && authenticators.Create(peer.Address) is { } authenticator)
                {
                    server.Serve(socket, authenticator);
                }
                else
                {
                    socket.Dispose();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway ends.
        }
    }

    private static (Socket Socket, IPEndPoint? Peer) Prepare(Socket socket)
    {
        socket.NoDelay = true;
        return (socket, socket.RemoteEndPoint as IPEndPoint);
    }
}
