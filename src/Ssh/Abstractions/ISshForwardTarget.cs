using System.IO.Pipelines;

namespace OpenShell.Ssh.Abstractions;

/// <summary>What a forwarded channel leads to. The end of one direction leaves the other open.</summary>
public interface ISshForwardTarget : IAsyncDisposable
{
    /// <summary>Sends what the client sends, until that ends, and then ends this direction.</summary>
    /// <exception cref="IOException">The peer takes no more.</exception>
    /// <exception cref="OperationCanceledException">As asked for.</exception>
    Task SendAllAsync(PipeReader fromClient, CancellationToken cancellationToken);

    /// <summary>Receives until the peer ends its direction, or until the client takes no more.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">As asked for.</exception>
    Task ReceiveAllAsync(PipeWriter toClient, CancellationToken cancellationToken);
}
