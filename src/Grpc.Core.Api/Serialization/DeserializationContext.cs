using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller gets one message from. The payload can be taken once, and only during the call of the marshaller.</summary>
public abstract class DeserializationContext
{
    /// <summary>The size of the message in bytes.</summary>
    public abstract int PayloadLength { get; }

    /// <summary>The message as an array of its own, which the caller may keep.</summary>
    /// <exception cref="NotImplementedException">This context does not support it.</exception>
    public virtual byte[] PayloadAsNewBuffer() => throw new NotImplementedException();

    /// <summary>The message in the transport's buffers, without a copy. Not to be kept: the buffers are used again.</summary>
    /// <exception cref="NotImplementedException">This context does not support it.</exception>
    public virtual ReadOnlySequence<byte> PayloadAsReadOnlySequence() => throw new NotImplementedException();
}
