using Microsoft.AspNetCore.Http.Features;
using OpenShell.Gateway.Concurrency;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Relays;

/// <summary>
/// The server's end of a relay's HTTP/2 stream. It ends when the relay's owner closes it or somebody ends the relay. What the
/// peer sent before it reset the stream, or closed the relay, is read to its end.
/// </summary>
internal sealed class RelayServerTransport(HttpContext context, RelayFrameReader reader) : IRelayTransport
{
    private readonly TaskCompletionSource<bool> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EndSignal _untaken = new();
    private string? _closeReason;
    private long _bytesAtClose;
    private long _bytesAtAnswer;
    private long _waitedFor;
    private bool _wasCutOff;
    private bool _answered;

    /// <summary>Completes when our direction is to be ended: true cleanly, false by a reset.</summary>
    public Task<bool> Closed => _closed.Task;

    /// <summary>Completes when the relay's owner has disposed it and touches the request no more.</summary>
    public Task Released => _released.Task;

    /// <summary>Completes when the stream is to be reset, although our direction may have ended cleanly.</summary>
    public Task Aborted => _aborted.Task;

    /// <summary>Whether the peer has reset the stream.</summary>
    public bool WasReset { get; private set; }

    /// <summary>
    /// Whether the end of the answer ends the peer's direction, too, as in every gRPC library: they call themselves grpc-NAME.
    /// A client on plain HTTP/2, such as OpenShell's own supervisor, sends on.
    /// </summary>
    public bool AnswerEndsCall { get; } = context.Request.Headers.UserAgent.ToString().Contains("grpc-", StringComparison.Ordinal);

    /// <summary>The number of the read that waits for the peer now; null: the peer's direction has ended.</summary>
    public long? Waiting => reader.HasEnded ? null : reader.Waiting;

    public bool PeerEndsStream => false;

    public CancellationToken Broken => _untaken.Token;

    public ValueTask CompleteWritesAsync()
    {
        // A server cannot half-close: without the end-of-stream frame, the end of our direction is that of the answer. The
        // peer may go on sending.
        _closed.TrySetResult(true);
        return ValueTask.CompletedTask;
    }

    public void ThrowIfFailed()
    {
        // A client has no status to give: the end of its body is its end of stream, unless a reset made it one. Then it has
        // ended well if it said so before, or had our trailers, after which there is no other way to end its direction. Where
        // they end the call, what came after them was perhaps not all.
        if (_wasCutOff && _closeReason is not "" && (!Volatile.Read(ref _answered) || (AnswerEndsCall && reader.DataBytes != _bytesAtAnswer)))
        {
            throw new IOException(_closeReason ?? "The relay was aborted.");
        }
    }

    public void ThrowIfCutOff()
    {
        // A peer that has said nothing since it closed the relay had said everything.
        if (reader.DataBytes != _bytesAtClose || (_closeReason is not "" && !Volatile.Read(ref _answered)))
        {
            throw new IOException(_closeReason is { Length: > 0 } reason
                ? reason
                : "The supervisor closed the relay, sent more, and did not end it.");
        }
    }

    /// <summary>The peer has reset the stream; everything that came before can be read, and then the end.</summary>
    /// <param name="hasEnded">Its request had ended before.</param>
    public void PeerReset(bool hasEnded)
    {
        _wasCutOff = !hasEnded;
        WasReset = true;
        _untaken.End("reset");
    }

    /// <summary>The peer has said that the relay is over, by other means than the stream, which may still carry something.</summary>
    /// <param name="reason">Of the peer; empty where nothing failed.</param>
    public void PeerCloses(string reason)
    {
        _bytesAtClose = reader.DataBytes;
        _waitedFor = reader.Waiting;
        _closeReason = reason;
        _untaken.End("closed");
    }

    /// <summary>
    /// Ends the peer's direction if one read has waited for it since the last call or <see cref="PeerCloses"/>. A caller that
    /// is slow to take what came is not the peer's silence.
    /// </summary>
    public void CutOffIfSilent()
    {
        var (before, now) = (_waitedFor, reader.Waiting);
        _waitedFor = now;
        if (now == 0 || now != before)
        {
            return;
        }

        try
        {
            reader.Cut(now);
        }
        catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
        {
            // The call has just ended.
        }
    }

    /// <summary>The answer is about to end in order.</summary>
    public void Answered()
    {
        _bytesAtAnswer = reader.DataBytes;
        Volatile.Write(ref _answered, true);
    }

    public void Abort()
    {
        _closed.TrySetResult(false);
        _aborted.TrySetResult();
    }

    public ValueTask CloseAsync(bool clean)
    {
        _closed.TrySetResult(clean);
        _released.TrySetResult();
        return ValueTask.CompletedTask;
    }

    /// <summary>The two directions as frames.</summary>
    public RelayConnection Connect()
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
