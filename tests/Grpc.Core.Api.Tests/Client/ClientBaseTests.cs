namespace OpenShell.GrpcAbstractions.Client;

public class ClientBaseTests
{
    [Test]
    public void WithHost_SetsTheHostOfCallsThatHaveNone()
    {
        var invoker = new HostRecorder();
        var client = new TestClient(invoker);

        client.Call(null);
        client.WithHost("other").Call(null);
        client.WithHost("other").Call("own");
        client.WithHost("other").WithHost("third").Call(null);

        Assert.That(invoker.Hosts, Is.EqualTo(new[] { null, "other", "own", "third" }));
    }

    [Test]
    public void WithoutInvoker_Throws()
    {
        Assert.Throws<InvalidOperationException>(() => new TestClient().Call(null));
        Assert.Throws<InvalidOperationException>(() => new TestClient().WithHost("host"));
    }

    [Test]
    public void NullArguments_Throw()
    {
        Assert.Throws<ArgumentNullException>(() => _ = new TestClient((CallInvoker)null!));
        Assert.Throws<ArgumentNullException>(() => _ = new TestClient((ChannelBase)null!));
        Assert.Throws<ArgumentNullException>(() => new TestClient(new HostRecorder()).WithHost(null!));
    }

    /// <summary>Has the constructors and members that generated clients have.</summary>
    private sealed class TestClient : ClientBase<TestClient>
    {
        private static readonly Method<string, string> Method = new(
            MethodType.Unary, "s", "m", Marshallers.StringMarshaller, Marshallers.StringMarshaller);

        public TestClient()
        {
        }

        public TestClient(ChannelBase channel)
            : base(channel)
        {
        }

        public TestClient(CallInvoker callInvoker)
            : base(callInvoker)
        {
        }

        private TestClient(ClientBaseConfiguration configuration)
            : base(configuration)
        {
        }

        public string Call(string? host) => CallInvoker.BlockingUnaryCall(Method, host, default, "");

        protected override TestClient NewInstance(ClientBaseConfiguration configuration) => new(configuration);
    }

    private sealed class HostRecorder : CallInvoker
    {
        public List<string?> Hosts { get; } = [];

        public override TResponse BlockingUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options,
            TRequest request)
        {
            Hosts.Add(host);
            return method.ResponseMarshaller.Deserializer([]);
        }

        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options,
            TRequest request) => throw new NotSupportedException();

        public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options,
            TRequest request) => throw new NotSupportedException();

        public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options) => throw new NotSupportedException();

        public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
            Method<TRequest, TResponse> method,
            string? host,
            CallOptions options) => throw new NotSupportedException();
    }
}
