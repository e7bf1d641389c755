namespace OpenShell.Ssh.Work;

/// <summary>A port that is listened on for a client. Disposing it, when nobody accepts any more, frees the port and leaves its connections.</summary>
public interface ISshListener : IAsyncDisposable
{
    /// <summary>The port, also where any was asked for.</summary>
    int Port { get; }

    /// <summary>The next connection. One at a time.</summary>
    /// <exception cref="IOException">Nothing can be accepted any more.</exception>
    /// <exception cref="OperationCanceledException">As asked for.</exception>
    Task<SshAccepted> AcceptAsync(CancellationToken cancellationToken);
}
