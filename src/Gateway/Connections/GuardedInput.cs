using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// What a client sends, on its way to the HTTP/2 server: bytes are counted, and frames looked at, before the server gets
/// them; nothing is copied. Reading waits while a connection without a token has sent too much.
/// </summary>
internal sealed class GuardedInput(PipeReader inner, PeerConnection peer, FrameAllowance allowance) : PipeReader
{
    private readonly Http2FrameScanner _scanner = new();
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ReadOnlySequence<byte> _buffer;

    // Of what the next buffer begins with, because the server has not consumed it yet.
    private long _scanned;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!peer.MayRead)
        {
            return WaitAndReadAsync(cancellationToken);
        }

        var reading = inner.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new ValueTask<ReadResult>(Take(reading.Result)) : FinishAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!peer.MayRead || !inner.TryRead(out result))
        {
            result = default;
            return false;
        }

        result = Take(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _scanned = _buffer.Slice(consumed).Length;
        _buffer = default;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead()
    {
        // The server does this once, at the end: there is no more reading after it, and no more waiting.
        inner.CancelPendingRead();
        _cancelled.TrySetResult();
    }

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    // Pooled: a busy relay waits for its socket with every other read.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> FinishAsync(ValueTask<ReadResult> reading) => Take(await reading.ConfigureAwait(false));

    private async ValueTask<ReadResult> WaitAndReadAsync(CancellationToken cancellationToken)
    {
        while (!peer.MayRead && !_cancelled.Task.IsCompleted)
        {
            await await Task.WhenAny(peer.WaitUntilMayReadAsync(cancellationToken), _cancelled.Task).ConfigureAwait(false);
        }

        return Take(await inner.ReadAsync(cancellationToken).ConfigureAwait(false));
    }

    private ReadResult Take(ReadResult result)
    {
        _buffer = result.Buffer;
        var fresh = _buffer.Slice(_scanned);
        if (!fresh.IsEmpty)
        {
            peer.NoteRead(fresh.Length);
            if (allowance.Take(_scanner.Scan(fresh)) is { } end)
            {
                peer.End(end);
                inner.AdvanceTo(_buffer.End);
                throw new ConnectionAbortedException($"ended by the gateway: {end}");
            }
        }

        return result;
    }
}

/// <summary>A connection's two directions, of which one is looked at.</summary>
internal sealed class GuardedTransport(IDuplexPipe inner, PipeReader input) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => inner.Output;
}
