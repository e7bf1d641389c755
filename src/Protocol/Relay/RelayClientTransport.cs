using System.IO.Pipelines;

namespace OpenShell.Protocol.Relay;

/// <summary>The client's end of an HTTP/2 stream.</summary>
internal sealed class RelayClientTransport(
    HttpResponseMessage response, DuplexContent content, CancellationTokenSource aborted, PipeWriter output) : IRelayTransport
{
    private bool _writesCompleted;

    public bool PeerEndsStream => true;

    public CancellationToken Broken => content.Broken;

    public async ValueTask CompleteWritesAsync()
    {
        if (!_writesCompleted)
        {
            _writesCompleted = true;
            await output.CompleteAsync().ConfigureAwait(false);
            content.Complete();
        }
    }

    public void ThrowIfFailed()
    {
        if (GrpcStatus.FromTrailers(response) is { } failed)
        {
            throw failed;
        }
    }

    public void Abort()
    {
        aborted.Cancel();
        response.Dispose();
    }

    public async ValueTask CloseAsync(bool clean)
    {
        if (!clean)
        {
            // Before the content completes: a reset must not look like a finished request.
            await aborted.CancelAsync().ConfigureAwait(false);
        }

        content.Complete();
        response.Dispose();
    }
}
