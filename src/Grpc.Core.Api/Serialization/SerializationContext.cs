using System.Buffers;

namespace Grpc.Core;

/// <summary>
/// Where a marshaller puts one message: either the bytes at once with <see cref="Complete(byte[])"/>, or
/// written through <see cref="GetBufferWriter"/> and then <see cref="Complete()"/>. Valid only during the call of the marshaller.
/// </summary>
public abstract class SerializationContext
{
    /// <summary>Takes the whole message. The array must not be changed afterwards.</summary>
    /// <exception cref="NotImplementedException">This context does not support it.</exception>
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    /// <summary>A writer for the message, which <see cref="Complete()"/> must end.</summary>
    /// <exception cref="NotImplementedException">This context does not support it.</exception>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>Says how many bytes will be written. Optional, before the first byte; then exactly that many must follow.</summary>
    /// <exception cref="NotImplementedException">This context does not support it.</exception>
    public virtual void SetPayloadLength(int payloadLength) => throw new NotImplementedException();

    /// <summary>Ends a message that was written through <see cref="GetBufferWriter"/>.</summary>
    /// <exception cref="NotImplementedException">This context does not support it.</exception>
    public virtual void Complete() => throw new NotImplementedException();
}
