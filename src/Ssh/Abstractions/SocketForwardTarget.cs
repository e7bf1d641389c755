using System.IO.Pipelines;
using System.Net.Sockets;

namespace OpenShell.Ssh.Abstractions;

/// <summary>A connected stream socket.</summary>
public sealed class SocketForwardTarget(Socket socket) : ISshForwardTarget
{
    private const int ReceiveBytes = 32 * 1024;

    /// <inheritdoc/>
    public async Task SendAllAsync(PipeReader fromClient, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var read = await fromClient.ReadAsync(cancellationToken).ConfigureAwait(false);
                foreach (var piece in read.Buffer)
                {
                    for (var rest = piece; !rest.IsEmpty;)
                    {
                        rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
                    }
                }

                fromClient.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    socket.Shutdown(SocketShutdown.Send);
                    return;
                }
            }
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async Task ReceiveAllAsync(PipeWriter toClient, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                // An idle connection holds no buffer.
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                var count = await socket.ReceiveAsync(toClient.GetMemory(ReceiveBytes), SocketFlags.None, cancellationToken).ConfigureAwait(false);
                toClient.Advance(count);
                if (count == 0 || (await toClient.FlushAsync(cancellationToken).ConfigureAwait(false)).IsCompleted)
                {
                    return;
                }
            }
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
