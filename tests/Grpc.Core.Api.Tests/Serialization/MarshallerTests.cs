using System.Buffers;
using System.Text;

namespace OpenShell.GrpcAbstractions.Serialization;

public class MarshallerTests
{
    private static readonly Marshaller<string> Contextual = Marshallers.Create(
        static (string text, SerializationContext context) =>
        {
            context.SetPayloadLength(Encoding.UTF8.GetByteCount(text));
            context.GetBufferWriter().Write(Encoding.UTF8.GetBytes(text));
            context.Complete();
        },
        static context => Encoding.UTF8.GetString(context.PayloadAsReadOnlySequence()));

    [TestCase("")]
    [TestCase("täxt")]
    public void Contextual_UsedAsPlain_RoundTrips(string text)
    {
        var bytes = Contextual.Serializer(text);

        Assert.That(bytes, Is.EqualTo(Encoding.UTF8.GetBytes(text)));
        Assert.That(Contextual.Deserializer(bytes), Is.EqualTo(text));
    }

    [Test]
    public void Plain_UsedAsContextual_RoundTrips()
    {
        var plain = Marshallers.StringMarshaller;
        var adapted = Marshallers.Create(plain.ContextualSerializer, plain.ContextualDeserializer);

        Assert.That(adapted.Deserializer(adapted.Serializer("täxt")), Is.EqualTo("täxt"));
    }

    [Test]
    public void Contextual_NeverCompletes_Throws()
    {
        var marshaller = Marshallers.Create<string>((_, context) => context.GetBufferWriter(), _ => "");

        Assert.Throws<InvalidOperationException>(() => marshaller.Serializer("x"));
    }

    [Test]
    public void Contextual_CompletesTwice_Throws()
    {
        var marshaller = Marshallers.Create<string>(
            (_, context) =>
            {
                context.Complete([]);
                context.Complete();
            },
            _ => "");

        Assert.Throws<InvalidOperationException>(() => marshaller.Serializer("x"));
    }

    [Test]
    public void Contextual_OtherLengthThanAnnounced_Throws()
    {
        var marshaller = Marshallers.Create<string>(
            (_, context) =>
            {
                context.SetPayloadLength(2);
                context.GetBufferWriter().Write<byte>([1]);
                context.Complete();
            },
            _ => "");

        Assert.Throws<InvalidOperationException>(() => marshaller.Serializer("x"));
    }

    [Test]
    public void Payload_TakenTwice_Throws()
    {
        var marshaller = Marshallers.Create<string>(
            (_, context) => context.Complete(),
            context => $"{context.PayloadAsNewBuffer()}{context.PayloadAsNewBuffer()}");

        Assert.Throws<InvalidOperationException>(() => marshaller.Deserializer([1]));
    }

    [Test]
    public void Payload_AsNewBuffer_IsACopyOfItsLength()
    {
        byte[] payload = [1, 2, 3];
        var marshaller = Marshallers.Create<byte[]>(
            (_, context) => context.Complete(),
            context => context.PayloadLength == 3 ? context.PayloadAsNewBuffer() : []);

        var received = marshaller.Deserializer(payload);

        Assert.That(received, Is.EqualTo(payload));
        Assert.That(received, Is.Not.SameAs(payload));
    }

    [Test]
    public void Method_HasItsPath()
    {
        var method = new Method<string, string>(
            MethodType.Unary, "acme.v1.Greeter", "Greet", Marshallers.StringMarshaller, Contextual);

        Assert.That(method.FullName, Is.EqualTo("/acme.v1.Greeter/Greet"));
        Assert.Throws<ArgumentNullException>(() =>
            _ = new Method<string, string>(MethodType.Unary, "s", "m", null!, Contextual));
    }
}
