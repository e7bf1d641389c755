using Grpc.Net.Client;

namespace OpenShell.GrpcAbstractions.RoundTrip;

[CancelAfter(30_000)]
public class CredentialsRoundTripTests
{
    private EchoServer _server = null!;

    [SetUp]
    public async Task Start() => _server = await EchoServer.StartAsync();

    [TearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public async Task CallCredentials_OfTheCall_AreSent()
    {
        using var channel = _server.Connect(new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });
        var options = default(CallOptions).WithCredentials(CallCredentials.Compose(Adds("x-one", "1"), Adds("x-two", "2")));

        var headers = await CallAsync(channel, options);

        Assert.That(headers.GetValue("echo-x-one"), Is.EqualTo("1"));
        Assert.That(headers.GetValue("echo-x-two"), Is.EqualTo("2"));
    }

    [Test]
    public async Task CallCredentials_OfTheChannel_AreSent()
    {
        using var channel = _server.Connect(new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, Adds("x-token", "secret")),
            UnsafeUseInsecureChannelCallCredentials = true,
        });

        var headers = await CallAsync(channel, default);

        Assert.That(headers.GetValue("echo-x-token"), Is.EqualTo("secret"));
    }

    [Test]
    public async Task CallCredentials_OnInsecureChannel_AreNotSentUnlessAllowed()
    {
        using var channel = _server.Connect();

        var headers = await CallAsync(channel, default(CallOptions).WithCredentials(Adds("x-token", "secret")));

        Assert.That(headers.Get("echo-x-token"), Is.Null);
    }

    [Test]
    public void ChannelWithCallCredentials_OnInsecureChannel_IsRefusedUnlessAllowed() =>
        Assert.Throws<InvalidOperationException>(() => _server.Connect(new GrpcChannelOptions
        {
            Credentials = ChannelCredentials.Create(ChannelCredentials.Insecure, Adds("x-token", "secret")),
        }));

    [Test]
    public async Task Interceptor_IsToldTheCall()
    {
        using var channel = _server.Connect(new GrpcChannelOptions { UnsafeUseInsecureChannelCallCredentials = true });
        AuthInterceptorContext? seen = null;
        var credentials = CallCredentials.FromInterceptor((context, _) =>
        {
            seen = context;
            return Task.CompletedTask;
        });

        await CallAsync(channel, default(CallOptions).WithCredentials(credentials));

        Assert.That(seen?.MethodName, Is.EqualTo("Echo"));
        Assert.That(seen?.ServiceUrl, Does.EndWith("/openshell.test.Echo"));
    }

    private static CallCredentials Adds(string key, string value) => CallCredentials.FromInterceptor((_, metadata) =>
    {
        metadata.Add(key, value);
        return Task.CompletedTask;
    });

    private static async Task<Metadata> CallAsync(GrpcChannel channel, CallOptions options)
    {
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(TestMethods.Echo, null, options, []);
        var headers = await call.ResponseHeadersAsync;
        await call;
        return headers;
    }
}
