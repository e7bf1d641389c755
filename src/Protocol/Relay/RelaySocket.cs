using System.Buffers;
using System.Net.Sockets;

namespace OpenShell.Protocol.Relay;

/// <summary>
/// Joins a relay and a connected stream socket. The end of one direction is passed on and leaves the other open. A peer that
/// has ended the whole call in order takes nothing more, and that is no failure.
/// </summary>
public static class RelaySocket
{
    private const int BufferBytes = RelayWire.MaxFrameData;

    /// <summary>Copies both ways until both have ended or one breaks. Neither is touched any more when this returns.</summary>
    /// <param name="relay">Stays the caller's.</param>
    /// <param name="socket">Stays the caller's.</param>
    /// <param name="closed">Ends both.</param>
    /// <exception cref="IOException">The relay or the socket broke; the message says how.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="closed"/> was cancelled.</exception>
    public static async Task RunAsync(RelayConnection relay, Socket socket, CancellationToken closed)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(closed);
        var toSocket = StopBothOnFailureAsync(CopyToSocketAsync(relay, socket, broken.Token), broken);
        var fromSocket = CopyFromSocketAsync(relay, socket, broken.Token);
        await Task.WhenAny(toSocket, fromSocket).ConfigureAwait(false);
        if (fromSocket.Exception?.InnerException is IOException)
        {
            // What the peer has sent is still to be had, and tells whether this was its end.
            await toSocket.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (relay.IsOver)
        {
            await broken.CancelAsync().ConfigureAwait(false);
            await fromSocket.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            closed.ThrowIfCancellationRequested();
            return;
        }

        await Task.WhenAll(toSocket, StopBothOnFailureAsync(fromSocket, broken)).ConfigureAwait(false);
    }

    private static async Task StopBothOnFailureAsync(Task copy, CancellationTokenSource broken)
    {
        try
        {
            await copy.ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            await broken.CancelAsync().ConfigureAwait(false);
            throw new IOException(e.Message, e);
        }
        catch
        {
            await broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task CopyToSocketAsync(RelayConnection relay, Socket socket, CancellationToken cancellationToken)
    {
        while (await relay.ReadAsync(cancellationToken).ConfigureAwait(false) is { Kind: RelayReadKind.Data } read)
        {
            foreach (var piece in read.Data)
            {
                for (var rest = piece; !rest.IsEmpty;)
                {
                    rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
                }
            }

            relay.Advance();
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task CopyFromSocketAsync(RelayConnection relay, Socket socket, CancellationToken cancellationToken)
    {
        while (true)
        {
            // An idle connection holds no buffer.
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                var count = await socket.ReceiveAsync(buffer.AsMemory(0, BufferBytes), SocketFlags.None, cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                await relay.WriteAsync(new ReadOnlySequence<byte>(buffer, 0, count), flush: true, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        await relay.CompleteWritesAsync(cancellationToken).ConfigureAwait(false);
    }
}
