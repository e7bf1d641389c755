using System.Buffers;
using System.Net.Sockets;
using OpenShell.Protocol.Relay;

namespace OpenShell.Supervisor.Relays;

/// <summary>A connected stream socket. The end of one direction is passed on and leaves the other open.</summary>
internal sealed class SocketTarget(Socket socket) : IRelayTarget
{
    private const int BufferBytes = RelayWire.MaxFrameData;

    public async Task RunAsync(RelayConnection relay, CancellationToken closed)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(closed);
        var toSocket = StopBothOnFailureAsync(CopyToSocketAsync(relay, broken.Token), broken);
        var fromSocket = StopBothOnFailureAsync(CopyFromSocketAsync(relay, broken.Token), broken);
        await Task.WhenAll(toSocket, fromSocket);
    }

    public void Dispose() => socket.Dispose();

    private static async Task StopBothOnFailureAsync(Task copy, CancellationTokenSource broken)
    {
        try
        {
            await copy;
        }
        catch (SocketException e)
        {
            await broken.CancelAsync();
            throw new IOException(e.Message);
        }
        catch
        {
            await broken.CancelAsync();
            throw;
        }
    }

    private async Task CopyToSocketAsync(RelayConnection relay, CancellationToken cancellationToken)
    {
        while (await relay.ReadAsync(cancellationToken) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var piece in read.Data)
            {
                for (var rest = piece; !rest.IsEmpty;)
                {
                    rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellationToken)..];
                }
            }

            relay.Advance();
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private async Task CopyFromSocketAsync(RelayConnection relay, CancellationToken cancellationToken)
    {
        while (true)
        {
            // An idle connection holds no buffer.
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                var count = await socket.ReceiveAsync(buffer.AsMemory(0, BufferBytes), SocketFlags.None, cancellationToken);
                if (count == 0)
                {
                    break;
                }

                await relay.WriteAsync(new ReadOnlySequence<byte>(buffer, 0, count), flush: true, cancellationToken);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        await relay.CompleteWritesAsync(cancellationToken);
    }
}
