using Grpc.Core.Interceptors;

namespace OpenShell.GrpcAbstractions.Server;

public class ServerServiceDefinitionTests
{
    private static readonly Method<string, string> Method = new(
        MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

    [Test]
    public void AddMethod_Twice_Throws()
    {
        var builder = ServerServiceDefinition.CreateBuilder().AddMethod(Method, Answer);

        Assert.Throws<ArgumentException>(() => builder.AddMethod(Method, Answer));
    }

    [Test]
    public async Task Intercept_WrapsHandlersFromFirstToLast()
    {
        var definition = ServerServiceDefinition.CreateBuilder().AddMethod(Method, Answer).Build()
            .Intercept(new Prefix("a"), new Prefix("b"));
        var binder = new UnaryBinder();

        definition.BindService(binder);

        Assert.That(await binder.Handler!("x", null!), Is.EqualTo("a(b(answer to x))"));
    }

    [Test]
    public void Binder_MethodThatItDoesNotTake_Throws() =>
        Assert.Throws<NotImplementedException>(() => new UnaryBinder().AddMethod(
            Method,
            (DuplexStreamingServerMethod<string, string>?)null));

    private static Task<string> Answer(string request, ServerCallContext context) => Task.FromResult($"answer to {request}");

    private sealed class Prefix(string name) : Interceptor
    {
        public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request,
            ServerCallContext context,
            UnaryServerMethod<TRequest, TResponse> continuation)
        {
            var response = await continuation(request, context);
            return (TResponse)(object)$"{name}({response})";
        }
    }

    private sealed class UnaryBinder : ServiceBinderBase
    {
        public UnaryServerMethod<string, string>? Handler { get; private set; }

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            UnaryServerMethod<TRequest, TResponse>? handler) =>
            Handler = (UnaryServerMethod<string, string>)(object)handler!;
    }
}
