using System.Net.Sockets;

namespace OpenShell.Linux.Sockets;

/// <summary>Connects to a Unix socket of this user's, or of root's.</summary>
public static class UnixDial
{
    private static readonly TimeSpan FullQueuePause = TimeSpan.FromMilliseconds(20);

    /// <summary>Connects and makes sure of the peer. A listener whose queue is full is waited for until cancelled.</summary>
    /// <param name="path">At most 107 bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="UntrustedPeerException">Another user listens there, or could have put the socket there. Nothing was sent.</exception>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    public static async Task<Socket> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        if (SocketDirectory.FindFault(path) is { } fault)
        {
            throw new UntrustedPeerException($"the socket {path} is not trusted: {fault}");
        }

        var endPoint = new UnixDomainSocketEndPoint(path);
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
                return UnixPeer.UserOf(socket) is var user && UnixPeer.IsTrusted(user)
                    ? socket
                    : throw new UntrustedPeerException($"the socket {path} is not trusted: user {user} listens there");
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                // EAGAIN: unlike TCP, the kernel does not wait for a place in the listener's queue.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }

            await Task.Delay(FullQueuePause, cancellationToken).ConfigureAwait(false);
        }
    }
}
