using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// What a client sends, on its way to the HTTP/2 server: bytes are counted, and frames looked at, before the server gets
/// them; nothing is copied. Reading waits while a connection without a token has sent too much. A frame whose header or
/// reset is not whole yet is held back until it is, since the reset may have to be put differently.
/// </summary>
internal sealed class GuardedInput(PipeReader inner, PeerConnection peer, FrameAllowance allowance, ResetRewriter resets) : PipeReader
{
    private readonly Http2FrameScanner _scanner = new(resets);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // All that is there, and the part of it that the server has.
    private ReadOnlySequence<byte> _buffer;
    private SequencePosition _handedOut;

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
        var all = examined.Equals(_handedOut) ? _buffer.End : examined;
        _buffer = default;
        inner.AdvanceTo(consumed, all);
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
        _handedOut = _buffer.End;
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

            resets.Rewrite(_buffer, _scanner.Position);
        }

        if (_scanner.Unfinished == 0 || result.IsCompleted)
        {
            return result;
        }

        var whole = _buffer.Slice(0, _buffer.Length - _scanner.Unfinished);
        _handedOut = whole.End;
        return new ReadResult(whole, result.IsCanceled, isCompleted: false);
    }
}

/// <summary>A connection's two directions, of which one is looked at.</summary>
internal sealed class GuardedTransport(IDuplexPipe inner, PipeReader input) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => inner.Output;
}
