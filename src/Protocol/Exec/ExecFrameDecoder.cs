using System.Buffers;
using System.Buffers.Binary;
using OpenShell.Protocol.Relay;

namespace OpenShell.Protocol.Exec;

/// <summary>
/// Finds exec frames in a byte stream that comes in arbitrary pieces. Bytes of stdin, stdout and stderr are handed
/// on as they come; the small frames are gathered first. Not thread-safe.
/// </summary>
public sealed class ExecFrameDecoder
{
    private readonly byte[] _header = new byte[ExecFrames.HeaderLength];
    private int _headerLength;
    private int _payloadLeft;
    private byte[] _gathered = [];
    private int _gatheredLength;

    /// <summary>Whether the stream may end here.</summary>
    public bool AtFrameBoundary => _headerLength == 0;

    /// <summary>Takes the next frame or piece off the front of <paramref name="input"/>.</summary>
    /// <returns>False if all of the input was taken and it held no more.</returns>
    /// <exception cref="RelayProtocolException">A type or a length that cannot be.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> input, out ExecFramePart part)
    {
        // A loop and not a recursion: the peer may send any number of empty frames in a row.
        while (TryReadHeader(ref input))
        {
            var type = (ExecFrameType)_header[0];
            var take = (int)Math.Min(_payloadLeft, input.Length);
            var data = input.Slice(0, take);
            input = input.Slice(data.End);
            _payloadLeft -= take;

            if (!ExecFrames.IsStream(type))
            {
                return TryGather(type, data, out part);
            }

            if (_payloadLeft == 0)
            {
                _headerLength = 0;
            }

            if (take > 0)
            {
                part = new ExecFramePart(type, data);
                return true;
            }
        }

        part = default;
        return false;
    }

    private bool TryGather(ExecFrameType type, ReadOnlySequence<byte> data, out ExecFramePart part)
    {
        data.CopyTo(_gathered.AsSpan(_gatheredLength));
        _gatheredLength += (int)data.Length;
        if (_payloadLeft > 0)
        {
            part = default;
            return false;
        }

        _headerLength = 0;
        part = new ExecFramePart(type, new ReadOnlySequence<byte>(_gathered, 0, _gatheredLength));
        return true;
    }

    private bool TryReadHeader(ref ReadOnlySequence<byte> input)
    {
        if (_headerLength == ExecFrames.HeaderLength)
        {
            return !input.IsEmpty || _payloadLeft == 0;
        }

        var take = (int)Math.Min(ExecFrames.HeaderLength - _headerLength, input.Length);
        input.Slice(0, take).CopyTo(_header.AsSpan(_headerLength));
        input = input.Slice(take);
        _headerLength += take;
        if (_headerLength < ExecFrames.HeaderLength)
        {
            return false;
        }

        Begin((ExecFrameType)_header[0], BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(1)));
        return true;
    }

    private void Begin(ExecFrameType type, uint length)
    {
        if (!Enum.IsDefined(type) || type == ExecFrameType.None)
        {
            throw new RelayProtocolException($"There is no exec frame of type {(byte)type}.");
        }

        if (length > ExecFrames.MaxPayloadOf(type))
        {
            throw new RelayProtocolException($"An exec frame of type {type} cannot have {length} bytes.");
        }

        _payloadLeft = (int)length;
        _gatheredLength = 0;
        _gathered = ExecFrames.IsStream(type) ? [] : new byte[length];
    }
}
