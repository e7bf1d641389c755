namespace OpenShell.Ssh.Abstractions;

/// <summary>A port that is listened on for a client. Disposing it, once no accept is pending, frees the port and leaves its connections.</summary>
public interface ISshForwardListener : IAsyncDisposable
{
    /// <summary>The port, also where any was asked for.</summary>
    int Port { get; }

    /// <summary>The next connection. One at a time.</summary>
    /// <exception cref="IOException">Nothing can be accepted any more.</exception>
    /// <exception cref="OperationCanceledException">As asked for.</exception>
    Task<AcceptedForward> AcceptAsync(CancellationToken cancellationToken);
}

/// <summary>A connection to a port that a client listens on.</summary>
/// <param name="Target">The receiver's to dispose.</param>
public sealed record AcceptedForward(ISshForwardTarget Target, string Address, int Port);
