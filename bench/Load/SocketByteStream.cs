using System.Net.Sockets;

namespace OpenShell.Load;

/// <summary>A TCP connection, to the mouth of a tunnel.</summary>
internal sealed class SocketByteStream(Socket socket) : IByteStream
{
    private readonly byte[] _buffer = new byte[256 * 1024];

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await socket.SendAsync(data, cancellationToken);

    public ValueTask<int> ReadAsync(CancellationToken cancellationToken) => socket.ReceiveAsync(_buffer, cancellationToken);

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
