using System.Buffers;

namespace Grpc.Core;

/// <summary>Collects one message into an array, for callers that use a contextual marshaller as a plain one.</summary>
internal sealed class ArraySerializationContext : SerializationContext
{
    private ArrayBufferWriter<byte>? _writer;
    private int? _expectedLength;
    private byte[]? _payload;

    public byte[] GetPayload() =>
        _payload ?? throw new InvalidOperationException("The serializer returned without completing the message.");

    public override void SetPayloadLength(int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        ThrowIfComplete();
        _expectedLength = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        ThrowIfComplete();
        return _writer ??= _expectedLength is > 0 and var length
            ? new ArrayBufferWriter<byte>(length)
            : new ArrayBufferWriter<byte>();
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ThrowIfComplete();
        _payload = payload;
    }

    public override void Complete()
    {
        ThrowIfComplete();
        var payload = _writer is null ? [] : _writer.WrittenSpan.ToArray();
        if (_expectedLength is { } expected && expected != payload.Length)
        {
            throw new InvalidOperationException($"The serializer announced {expected} bytes and wrote {payload.Length}.");
        }

        _payload = payload;
    }

    private void ThrowIfComplete()
    {
        if (_payload is not null)
        {
            throw new InvalidOperationException("The message is already complete.");
        }
    }
}
