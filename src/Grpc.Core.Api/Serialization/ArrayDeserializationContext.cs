using System.Buffers;

namespace Grpc.Core;

/// <summary>Presents an array as one message, for callers that use a contextual marshaller as a plain one.</summary>
internal sealed class ArrayDeserializationContext : DeserializationContext
{
    private readonly byte[] _payload;
    private bool _taken;

    public ArrayDeserializationContext(byte[] payload)
    {
        _payload = payload;
    }

    public override int PayloadLength => _payload.Length;

    public override byte[] PayloadAsNewBuffer()
    {
        Take();
        return _payload.AsSpan().ToArray();
    }

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence()
    {
        Take();
        return new ReadOnlySequence<byte>(_payload);
    }

    private void Take()
    {
        if (_taken)
        {
            throw new InvalidOperationException("The payload was already taken.");
        }

        _taken = true;
    }
}
