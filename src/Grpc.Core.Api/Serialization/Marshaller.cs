namespace Grpc.Core;

/// <summary>
/// Turns messages into bytes and back. Made from either kind of functions, plain ones over arrays or contextual
/// ones over the transport's buffers; the other kind is derived from the given one.
/// </summary>
/// <typeparam name="T">The message.</typeparam>
public class Marshaller<T>
{
    /// <summary>A marshaller over arrays, which costs a copy each way.</summary>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public Marshaller(Func<T, byte[]> serializer, Func<byte[], T> deserializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(deserializer);
        Serializer = serializer;
        Deserializer = deserializer;
        ContextualSerializer = SerializeThroughArray;
        ContextualDeserializer = DeserializeThroughArray;
    }

    /// <summary>A marshaller over the transport's buffers.</summary>
    /// <exception cref="ArgumentNullException">A function is null.</exception>
    public Marshaller(Action<T, SerializationContext> serializer, Func<DeserializationContext, T> deserializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        ArgumentNullException.ThrowIfNull(deserializer);
        ContextualSerializer = serializer;
        ContextualDeserializer = deserializer;
        Serializer = SerializeThroughContext;
        Deserializer = DeserializeThroughContext;
    }

    /// <summary>Turns a message into an array.</summary>
    public Func<T, byte[]> Serializer { get; }

    /// <summary>Turns an array into a message.</summary>
    public Func<byte[], T> Deserializer { get; }

    /// <summary>Writes a message to a context. This is what the transports use.</summary>
    public Action<T, SerializationContext> ContextualSerializer { get; }

    /// <summary>Reads a message from a context. This is what the transports use.</summary>
    public Func<DeserializationContext, T> ContextualDeserializer { get; }

    private void SerializeThroughArray(T message, SerializationContext context) => context.Complete(Serializer(message));

    private T DeserializeThroughArray(DeserializationContext context) => Deserializer(context.PayloadAsNewBuffer());

    private byte[] SerializeThroughContext(T message)
    {
        var context = new ArraySerializationContext();
        ContextualSerializer(message, context);
        return context.GetPayload();
    }

    private T DeserializeThroughContext(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return ContextualDeserializer(new ArrayDeserializationContext(payload));
    }
}
