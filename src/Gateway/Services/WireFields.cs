using System.Buffers;
using Google.Protobuf;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The fields of a message as they are on the wire, whatever its declaration says of them. Ends without a word where the
/// message is damaged: that is for its parser to say.
/// </summary>
internal ref struct WireFields(ReadOnlySequence<byte> message)
{
    private const int MaxVarintBytes = 10;

    private SequenceReader<byte> _reader = new(message);

    public int Number { get; private set; }

    public WireFormat.WireType Type { get; private set; }

    /// <summary>What a field with a length has; empty for others.</summary>
    public ReadOnlySequence<byte> Bytes { get; private set; }

    public bool MoveNext()
    {
        if (!TryReadVarint(out var tag) || tag > uint.MaxValue)
        {
            return false;
        }

        (Number, Type, Bytes) = ((int)(tag >> 3), (WireFormat.WireType)(tag & 7), ReadOnlySequence<byte>.Empty);
        switch (Type)
        {
            case WireFormat.WireType.Varint:
                return TryReadVarint(out _);
            case WireFormat.WireType.Fixed64:
                return TrySkip(8);
            case WireFormat.WireType.Fixed32:
                return TrySkip(4);
            case WireFormat.WireType.LengthDelimited when TryReadVarint(out var length) && length <= (ulong)_reader.Remaining:
                Bytes = _reader.UnreadSequence.Slice(0, (long)length);
                return TrySkip((long)length);
            default:
                // Groups: nothing of ours has one.
                return false;
        }
    }

    private bool TrySkip(long count)
    {
        if (_reader.Remaining < count)
        {
            return false;
        }

        _reader.Advance(count);
        return true;
    }

    private bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < MaxVarintBytes && _reader.TryRead(out var part); i++)
        {
            value |= (ulong)(part & 0x7f) << (7 * i);
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
