using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;
using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

/// <summary>
/// Reads the frames of a relay straight from an HTTP/2 body. Data is handed out as slices of the transport's own
/// buffers, as it arrives and without waiting for the whole frame. One reader at a time; not thread-safe.
/// </summary>
public sealed class RelayFrameReader(PipeReader input)
{
    private SequencePosition _consumed;
    private long _dataLeft;
    private bool _unadvanced;
    private long _waits;
    private long _waiting;
    private long _cut;
    private bool _hasEnded;

    /// <summary>Bytes of data that were handed out so far.</summary>
    public long DataBytes { get; private set; }

    /// <summary>
    /// The number of the read that waits for the peer now, 0 if none does. A read that has handed something out, or has
    /// ended, never has it again: the same number twice is silence of the peer in between. From any thread.
    /// </summary>
    public long Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether the end was read. From any thread.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>Whether a cut came in the middle of a frame.</summary>
    public bool WasCutInFrame { get; private set; }

    /// <summary>The next piece. Call <see cref="Advance"/> before the next call.</summary>
    /// <exception cref="RelayProtocolException">The bytes are no relay frames.</exception>
    /// <exception cref="IOException">The transport broke.</exception>
    public async ValueTask<RelayRead> ReadAsync(CancellationToken cancellationToken)
    {
        if (_unadvanced)
        {
            throw new InvalidOperationException("Advance was not called.");
        }

        var wait = 0L;
        while (true)
        {
            ReadResult result;
            var reading = input.ReadAsync(cancellationToken);
            if (reading.IsCompleted)
            {
                result = await reading.ConfigureAwait(false);
            }
            else
            {
                wait = wait == 0 ? ++_waits : wait;
                Volatile.Write(ref _waiting, wait);
                try
                {
                    result = await reading.ConfigureAwait(false);
                }
                finally
                {
                    Volatile.Write(ref _waiting, 0);
                }
            }

            var buffer = result.Buffer;
            if (_dataLeft > 0 && !buffer.IsEmpty)
            {
                return TakeData(buffer);
            }

            if (_dataLeft == 0 && TryReadFrame(ref buffer, out var read))
            {
                return read;
            }

            var isClean = _dataLeft == 0 && buffer.IsEmpty;
            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted || (wait != 0 && Volatile.Read(ref _cut) == wait))
            {
                return Ended(result.IsCompleted, isClean);
            }
        }
    }

    /// <summary>
    /// Ends a read that waits, as <see cref="RelayReadKind.Reset"/>; nothing happens if it has got something meanwhile. From
    /// any thread.
    /// </summary>
    /// <param name="waiting">Its number, by <see cref="Waiting"/>.</param>
    public void Cut(long waiting)
    {
        Volatile.Write(ref _cut, waiting);
        input.CancelPendingRead();
    }

    /// <summary>Gives the last piece's memory back.</summary>
    public void Advance()
    {
        if (_unadvanced)
        {
            _unadvanced = false;
            input.AdvanceTo(_consumed);
        }
    }

    private RelayRead Ended(bool isCompleted, bool isClean)
    {
        Volatile.Write(ref _hasEnded, true);
        WasCutInFrame = !isCompleted && !isClean;
        return isClean || !isCompleted
            ? new RelayRead(isCompleted ? RelayReadKind.Completed : RelayReadKind.Reset, default, null, false)
            : throw new RelayProtocolException(RelayProtocolException.InFrame);
    }

    private RelayRead TakeData(ReadOnlySequence<byte> buffer)
    {
        var data = buffer.Length > _dataLeft ? buffer.Slice(0, _dataLeft) : buffer;
        _dataLeft -= data.Length;
        return Hold(RelayReadKind.Data, data, null, buffer, data.End);
    }

    private RelayRead Hold(
        RelayReadKind kind, ReadOnlySequence<byte> data, string? channel, ReadOnlySequence<byte> buffer, SequencePosition end)
    {
        DataBytes += kind == RelayReadKind.Data ? data.Length : 0;
        _consumed = end;
        _unadvanced = true;
        return new RelayRead(kind, data, channel, BeginsWithData(buffer.Slice(end)));
    }

    private bool TryReadFrame(ref ReadOnlySequence<byte> buffer, out RelayRead read)
    {
        read = default;
        while (TryReadPrefix(buffer, out var messageLength))
        {
            var body = buffer.Slice(RelayWire.GrpcPrefixLength);
            if (TryReadDataHeader(body, messageLength, out var headerLength))
            {
                _dataLeft = messageLength - headerLength;
                buffer = body.Slice(headerLength);
                if (_dataLeft == 0)
                {
                    continue;
                }

                if (buffer.IsEmpty)
                {
                    return false;
                }

                read = TakeData(buffer);
                return true;
            }

            if (body.Length < messageLength)
            {
                return false;
            }

            var message = body.Slice(0, messageLength);
            if (TryParse(message, buffer, out read))
            {
                return true;
            }

            buffer = body.Slice(messageLength);
        }

        return false;
    }

    private static bool TryReadPrefix(ReadOnlySequence<byte> buffer, out int messageLength)
    {
        if (!TryPeekPrefix(buffer, out var compressed, out var length))
        {
            messageLength = 0;
            return false;
        }

        if (compressed)
        {
            throw new RelayProtocolException("Compressed relay frames are not supported.");
        }

        if (length > RelayWire.MaxMessage)
        {
            throw new RelayProtocolException($"A relay frame of {length} bytes is larger than {RelayWire.MaxMessage}.");
        }

        messageLength = (int)length;
        return true;
    }

    private static bool TryPeekPrefix(ReadOnlySequence<byte> buffer, out bool compressed, out uint length)
    {
        (compressed, length) = (false, 0);
        if (buffer.Length < RelayWire.GrpcPrefixLength)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[RelayWire.GrpcPrefixLength];
        buffer.Slice(0, RelayWire.GrpcPrefixLength).CopyTo(prefix);
        compressed = prefix[0] != 0;
        length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        return true;
    }

    // Part of a frame, an empty one or one that we do not know would make the next read wait, and with it whatever was
    // held back because more seemed to be there.
    private static bool BeginsWithData(ReadOnlySequence<byte> buffer)
    {
        if (!TryPeekPrefix(buffer, out var compressed, out var length) || compressed || length > RelayWire.MaxMessage)
        {
            return false;
        }

        var body = buffer.Slice(RelayWire.GrpcPrefixLength);
        return TryReadDataHeader(body, (int)length, out var headerLength) && headerLength < Math.Min(length, body.Length);
    }

    // The common case: the message is the field data and nothing else, so its bytes can be handed out as they come.
    private static bool TryReadDataHeader(ReadOnlySequence<byte> body, int messageLength, out int headerLength)
    {
        headerLength = 0;
        Span<byte> header = stackalloc byte[5];
        var available = (int)Math.Min(Math.Min(body.Length, messageLength), header.Length);
        body.Slice(0, available).CopyTo(header);
        if (available < 2 || header[0] != RelayWire.DataTag)
        {
            return false;
        }

        var length = 0;
        for (var i = 1; i < available; i++)
        {
            length |= (header[i] & 0x7F) << (7 * (i - 1));
            if (header[i] < 0x80)
            {
                headerLength = i + 1;
                return length == messageLength - headerLength;
            }
        }

        return false;
    }

    // Everything else goes through the generated code: unknown fields and odd orders are the peer's right.
    private bool TryParse(ReadOnlySequence<byte> message, ReadOnlySequence<byte> buffer, out RelayRead read)
    {
        RelayFrame frame;
        try
        {
            frame = RelayFrame.Parser.ParseFrom(message);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RelayProtocolException("A relay frame cannot be parsed.");
        }

        (var known, read) = frame.PayloadCase switch
        {
            RelayFrame.PayloadOneofCase.Init => (true, Hold(RelayReadKind.Init, message, frame.Init.ChannelId, buffer, message.End)),
            RelayFrame.PayloadOneofCase.EndOfStream => (true, Hold(RelayReadKind.EndOfStream, default, null, buffer, message.End)),
            RelayFrame.PayloadOneofCase.Data when !frame.Data.IsEmpty =>
                (true, Hold(RelayReadKind.Data, new ReadOnlySequence<byte>(frame.Data.Memory), null, buffer, message.End)),
            _ => (false, default),
        };
        return known;
    }
}

/// <summary>The peer sent something that is not a relay.</summary>
public sealed class RelayProtocolException(string message) : IOException(message)
{
    internal const string InFrame = "The relay ended in the middle of a frame.";
}
