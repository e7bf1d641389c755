namespace OpenShell.GrpcAbstractions.RoundTrip;

/// <summary>A service as generated code would describe it, with byte arrays for messages.</summary>
internal static class TestMethods
{
    private const string ServiceName = "openshell.test.Echo";

    private static readonly Marshaller<byte[]> Simple = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    private static readonly Marshaller<byte[]> Contextual = Marshallers.Create<byte[]>(
        static (bytes, context) =>
        {
            context.SetPayloadLength(bytes.Length);
            var writer = context.GetBufferWriter();
            bytes.CopyTo(writer.GetSpan(bytes.Length));
            writer.Advance(bytes.Length);
            context.Complete();
        },
        static context => System.Buffers.BuffersExtensions.ToArray(context.PayloadAsReadOnlySequence()));

    public static Method<byte[], byte[]> Echo { get; } = Create(MethodType.Unary, nameof(Echo), Simple);

    public static Method<byte[], byte[]> Fail { get; } = Create(MethodType.Unary, nameof(Fail), Simple);

    public static Method<byte[], byte[]> Hang { get; } = Create(MethodType.Unary, nameof(Hang), Simple);

    public static Method<byte[], byte[]> Repeat { get; } = Create(MethodType.ServerStreaming, nameof(Repeat), Contextual);

    public static Method<byte[], byte[]> Join { get; } = Create(MethodType.ClientStreaming, nameof(Join), Contextual);

    public static Method<byte[], byte[]> Chat { get; } = Create(MethodType.DuplexStreaming, nameof(Chat), Contextual);

    private static Method<byte[], byte[]> Create(MethodType type, string name, Marshaller<byte[]> marshaller) =>
        new(type, ServiceName, name, marshaller, marshaller);
}
