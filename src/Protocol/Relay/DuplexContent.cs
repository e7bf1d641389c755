using System.Net;
using System.Net.Http.Headers;

namespace OpenShell.Protocol.Relay;

/// <summary>Request content whose stream stays open for writing until it is completed.</summary>
internal sealed class DuplexContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Has no timer and outlives the content in the hands of those who watch it, so it is never disposed.
    private readonly CancellationTokenSource _broken = new();

    public DuplexContent() => Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

    /// <summary>The stream to write to, once the transport asks for the content.</summary>
    public Task<Stream> RequestStream => _stream.Task;

    /// <summary>Cancelled if the stream ended before the request body was completed.</summary>
    public CancellationToken Broken => _broken.Token;

    /// <summary>Ends the request body.</summary>
    public void Complete() => _completed.TrySetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        _stream.TrySetResult(stream);
        try
        {
            await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The connection does this when the peer resets the stream, whether or not the response is read.
            await _broken.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
