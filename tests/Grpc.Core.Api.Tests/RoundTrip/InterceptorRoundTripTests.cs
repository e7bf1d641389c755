using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace OpenShell.GrpcAbstractions.RoundTrip;

[CancelAfter(30_000)]
public class InterceptorRoundTripTests
{
    private EchoServer _server = null!;
    private GrpcChannel _channel = null!;

    [SetUp]
    public async Task Start()
    {
        _server = await EchoServer.StartAsync(options => options.Interceptors.Add<RecordingServerInterceptor>());
        _channel = _server.Connect();
    }

    [TearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task EveryKindOfCall_PassesTheInterceptorsOfBothSides()
    {
        var record = new List<string>();
        var invoker = _channel.Intercept(new RecordingClientInterceptor("c", record));

        invoker.BlockingUnaryCall(TestMethods.Echo, null, default, []);
        await invoker.AsyncUnaryCall(TestMethods.Echo, null, default, []);
        using var repeat = invoker.AsyncServerStreamingCall(TestMethods.Repeat, null, default, [0]);
        Assert.That(await repeat.ResponseStream.MoveNext(), Is.False);
        using var join = invoker.AsyncClientStreamingCall(TestMethods.Join, null, default);
        await join.RequestStream.CompleteAsync();
        await join;
        using var chat = invoker.AsyncDuplexStreamingCall(TestMethods.Chat, null, default);
        await chat.RequestStream.CompleteAsync();
        Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext());

        Assert.That(
            record,
            Is.EqualTo(new[] { "c blocking Echo", "c unary Echo", "c server streaming Repeat", "c client streaming Join", "c duplex Chat" }));
        Assert.That(
            _server.Calls.Intercepted,
            Is.EqualTo(new[]
            {
                "unary /openshell.test.Echo/Echo",
                "unary /openshell.test.Echo/Echo",
                "server streaming /openshell.test.Echo/Repeat",
                "client streaming /openshell.test.Echo/Join",
                "duplex /openshell.test.Echo/Chat",
            }));
    }

    [Test]
    public async Task SeveralInterceptors_RunFromFirstToLast()
    {
        var record = new List<string>();
        var invoker = _channel.Intercept(
            new RecordingClientInterceptor("a", record),
            new RecordingClientInterceptor("b", record));

        using var call = invoker.AsyncUnaryCall(TestMethods.Echo, null, default, []);
        var headers = await call.ResponseHeadersAsync;
        await call;

        Assert.That(record, Is.EqualTo(new[] { "a unary Echo", "b unary Echo" }));
        Assert.That(string.Join(", ", headers.GetAll("echo-x-passed").Select(entry => entry.Value)), Is.EqualTo("a, b"));
    }

    [Test]
    public async Task MetadataFunction_ReplacesRequestHeaders()
    {
        var invoker = _channel.Intercept(headers =>
        {
            headers.Add("x-added", "yes");
            return headers;
        });

        using var call = invoker.AsyncUnaryCall(TestMethods.Echo, null, default, []);
        var headers = await call.ResponseHeadersAsync;
        await call;

        Assert.That(headers.GetValue("echo-x-added"), Is.EqualTo("yes"));
    }
}
