namespace OpenShell.Linux.Sockets;

/// <summary>A Unix socket is not this user's or root's; nothing was sent there. The message says why.</summary>
/// <param name="message">For people.</param>
public sealed class UntrustedPeerException(string message) : IOException(message)
{
    /// <summary>The one that is behind another exception, which libraries wrap around it; null if there is none.</summary>
    public static UntrustedPeerException? Behind(Exception? exception)
    {
        while (exception is not null and not UntrustedPeerException)
        {
            exception = exception.InnerException;
        }

        return exception as UntrustedPeerException;
    }
}
