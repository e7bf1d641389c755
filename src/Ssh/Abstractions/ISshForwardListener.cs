namespace OpenShell.Ssh.Abstractions;

/// <summary>A port that is listened on for a client. Disposing it, when nobody accepts any more, frees the port and leaves its connections.</summary>
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
/// <param name="Address">Where it comes from.</param>
/// <param name="Port">The port it comes from.</param>
public sealed record AcceptedForward(ISshForwardTarget Target, string Address, int Port);
