using System.Net;
using System.Net.Sockets;

namespace OpenShell.Ssh.Abstractions;

/// <summary>A listening socket of this machine.</summary>
public sealed class SocketForwardListener : ISshForwardListener
{
    private const int Backlog = 128;

    private readonly Socket _socket;

    private SocketForwardListener(Socket socket) => _socket = socket;

    /// <inheritdoc/>
    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Null: the address cannot be had.</summary>
    public static SocketForwardListener? TryBind(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return new SocketForwardListener(socket);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<AcceptedForward> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            var socket = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
            socket.NoDelay = true;
            var peer = (IPEndPoint)socket.RemoteEndPoint!;
            return new AcceptedForward(new SocketForwardTarget(socket), peer.Address.ToString(), peer.Port);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
