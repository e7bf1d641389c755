using Microsoft.AspNetCore.Http.Features;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Relays;

/// <summary>The server's end of a relay's HTTP/2 stream. It ends when the relay's owner closes it or somebody ends the relay.</summary>
internal sealed class RelayServerTransport(HttpContext context) : IRelayTransport
{
    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the stream is to be ended: true cleanly, false by a reset.</summary>
    public Task<bool> Closed => _closed.Task;

    /// <summary>Completes when the relay's owner has disposed it and touches the request no more.</summary>
    public Task Released => _released.Task;

    public bool PeerEndsStream => false;

    public ValueTask CompleteWritesAsync()
    {
        // A server cannot half-close: without the end-of-stream frame, the end of our direction is the end of the call.
        _closed.TrySetResult(true);
        return ValueTask.CompletedTask;
    }

    public void ThrowIfFailed()
    {
        // A client has no status to give: the end of its body is its end of stream.
    }

    public void Abort() => _closed.TrySetResult(false);

    public ValueTask CloseAsync(bool clean)
    {
        _closed.TrySetResult(clean);
        _released.TrySetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>The two directions as frames.</summary>
    public RelayConnection Connect(RelayFrameReader reader)
    {
        var features = context.Request.Headers[RelayWire.FeaturesHeader].ToString();
        var knowsEndOfStream = RelayFeatures.Includes(features, RelayFeatures.EndOfStream);
        return new RelayConnection(reader, new RelayFrameWriter(context.Response.BodyWriter), this, knowsEndOfStream);
    }

    /// <summary>Lifts the limits that are meant for short requests.</summary>
    public static void LiftLimits(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
    }
}
