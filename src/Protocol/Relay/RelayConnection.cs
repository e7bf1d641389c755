using System.Buffers;

namespace OpenShell.Protocol.Relay;

/// <summary>
/// One end of a relay: bytes both ways, each direction closed on its own. One reader and one writer at a time.
/// Whoever opened or claimed it owns it and disposes it.
/// </summary>
public sealed class RelayConnection : IAsyncDisposable
{
    /// <summary>Longest wait for the peer in <see cref="DisposeAsync"/>.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly RelayFrameReader _reader;
    private readonly RelayFrameWriter _writer;
    private readonly IRelayTransport _transport;
    private readonly bool _peerKnowsEndOfStream;
    private bool _readEnded;
    private bool _writesCompleted;

    /// <summary>Joins the two directions.</summary>
    /// <param name="reader">What the peer sends.</param>
    /// <param name="writer">What the peer gets.</param>
    /// <param name="transport">The stream that carries both.</param>
    /// <param name="peerKnowsEndOfStream">Whether <see cref="RelayFeatures.EndOfStream"/> was negotiated.</param>
    public RelayConnection(RelayFrameReader reader, RelayFrameWriter writer, IRelayTransport transport, bool peerKnowsEndOfStream)
    {
        _reader = reader;
        _writer = writer;
        _transport = transport;
        _peerKnowsEndOfStream = peerKnowsEndOfStream;
    }

    /// <summary>Bytes from the peer so far. Exact once reading has ended.</summary>
    public long BytesRead => _reader.DataBytes;

    /// <summary>Bytes to the peer so far. Exact once writing has ended.</summary>
    public long BytesWritten => _writer.DataBytes;

    /// <summary>
    /// Cancelled once the peer takes nothing more, for an owner that may wait for something else than the relay. What it has
    /// sent before may still be read.
    /// </summary>
    public CancellationToken Broken => _transport.Broken;

    /// <summary>Whether the peer has ended the whole call, in order: it takes nothing more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>
    /// The next bytes from the peer; <see cref="RelayReadKind.EndOfStream"/> once it has ended its direction, by either means.
    /// Call <see cref="Advance"/> before reading again.
    /// </summary>
    /// <exception cref="IOException">The relay broke, or the peer ended it with an error.</exception>
    public async ValueTask<RelayRead> ReadAsync(CancellationToken cancellationToken)
    {
        if (_readEnded)
        {
            return new RelayRead(RelayReadKind.EndOfStream, default, null, false);
        }

        var read = await BrokenAsIOException(_reader.ReadAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        switch (read.Kind)
        {
            case RelayReadKind.Data:
                return read;
            case RelayReadKind.Completed:
                _transport.ThrowIfFailed();
                IsOver = _transport.PeerEndsStream;
                break;
            case RelayReadKind.Reset:
                _transport.ThrowIfCutOff();
                if (_reader.WasCutInFrame)
                {
                    throw new RelayProtocolException(RelayProtocolException.InFrame);
                }

                break;
            case RelayReadKind.Init:
                throw new RelayProtocolException("A relay was claimed twice.");
        }

        _reader.Advance();
        _readEnded = true;
        return new RelayRead(RelayReadKind.EndOfStream, default, null, false);
    }

    /// <summary>Gives the memory of the last read back.</summary>
    public void Advance() => _reader.Advance();

    /// <summary>Appends bytes and, unless more is about to follow, sends them.</summary>
    /// <exception cref="IOException">The relay broke or was closed by the peer.</exception>
    public ValueTask WriteAsync(ReadOnlySequence<byte> data, bool flush, CancellationToken cancellationToken) =>
        WriteAsync(default, data, flush, cancellationToken);

    /// <summary>As the other overload, with a few bytes in front that travel in the same frame.</summary>
    public ValueTask WriteAsync(
        ReadOnlySpan<byte> prefix, ReadOnlySequence<byte> data, bool flush, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_writesCompleted, this);
        if (!_transport.PeerEndsStream && _transport.Broken.IsCancellationRequested)
        {
            return ValueTask.FromException(new IOException("The relay was closed by the peer."));
        }

        try
        {
            _writer.Write(prefix, data);
        }
        catch (InvalidOperationException e)
        {
            throw new IOException("The relay was closed.", e);
        }

        return flush ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Ends this direction. The other direction stays open if the peer can tell.</summary>
    public async ValueTask CompleteWritesAsync(CancellationToken cancellationToken)
    {
        if (_writesCompleted)
        {
            return;
        }

        _writesCompleted = true;
        if (!_transport.PeerEndsStream && _transport.Broken.IsCancellationRequested)
        {
            // Nobody is there to be told.
            return;
        }

        try
        {
            if (_peerKnowsEndOfStream)
            {
                _writer.WriteEndOfStream();
                await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _transport.CompleteWritesAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsBroken(e, cancellationToken))
        {
            throw new IOException("The relay was aborted.", e);
        }
    }

    /// <summary>Breaks the relay at once; pending reads and writes fail.</summary>
    public void Abort() => _transport.Abort();

    /// <summary>
    /// Ends the relay. After <see cref="CompleteWritesAsync"/> it waits, for at most <see cref="CloseTimeout"/>, until
    /// the peer has ended the stream too: resetting it earlier could throw away bytes that are still on their way.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var clean = _writesCompleted && (!_transport.PeerEndsStream || await TryFinishAsync().ConfigureAwait(false));
        await _transport.CloseAsync(clean).ConfigureAwait(false);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e, cancellationToken))
        {
            throw new IOException("The relay was aborted.", e);
        }
    }

    private static async ValueTask<RelayRead> BrokenAsIOException(ValueTask<RelayRead> reading, CancellationToken cancellationToken)
    {
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (Exception e) when (IsBroken(e, cancellationToken))
        {
            throw new IOException("The relay was aborted.", e);
        }
    }

    // Transports report a reset as a cancellation or as use after completion; to a relay it is a broken connection.
    private static bool IsBroken(Exception e, CancellationToken cancellationToken) =>
        e is InvalidOperationException or HttpRequestException
        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<bool> TryFinishAsync()
    {
        using var timeout = new CancellationTokenSource(CloseTimeout);
        try
        {
            await _transport.CompleteWritesAsync().AsTask().WaitAsync(timeout.Token).ConfigureAwait(false);
            // The owner may hold a piece that it has not given back.
            _reader.Advance();
            while ((await _reader.ReadAsync(timeout.Token).ConfigureAwait(false)).Kind is not (RelayReadKind.Completed or RelayReadKind.Reset))
            {
                _reader.Advance();
            }

            return true;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException or HttpRequestException)
        {
            return false;
        }
    }
}
