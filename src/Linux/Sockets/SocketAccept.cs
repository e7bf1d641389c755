using System.Net.Sockets;

namespace OpenShell.Linux.Sockets;

/// <summary>Accepting for as long as a program runs.</summary>
public static class SocketAccept
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// The next connection of a listener. A failure that passes is waited out: a peer that closed before it was accepted, or
    /// no descriptor left, while which clients wait in the listener's queue.
    /// </summary>
    /// <param name="prepare">Makes of the socket what is returned; a SocketException here counts as a failure, too.</param>
    /// <param name="failed">Told of each failure.</param>
    /// <exception cref="ObjectDisposedException">The listener was closed.</exception>
    public static async Task<T> NextAsync<T>(
        Socket listener, Func<Socket, T> prepare, Action<SocketException>? failed, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            Socket? socket = null;
            try
            {
                socket = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                return prepare(socket);
            }
            catch (SocketException e)
            {
                socket?.Dispose();
                failed?.Invoke(e);
            }

            await Task.Delay(RetryDelay, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
