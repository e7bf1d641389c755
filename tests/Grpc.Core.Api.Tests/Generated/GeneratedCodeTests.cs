using Grpc.Net.Client;
using OpenShell.GrpcAbstractions.RoundTrip;

namespace OpenShell.GrpcAbstractions.Generated;

[CancelAfter(30_000)]
public class GeneratedCodeTests
{
    private EchoServer _server = null!;
    private GrpcChannel _channel = null!;
    private Greeter.GreeterClient _client = null!;

    [SetUp]
    public async Task Start()
    {
        _server = await EchoServer.StartAsync();
        _channel = _server.Connect();
        _client = new Greeter.GreeterClient(_channel);
    }

    [TearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Unary_RoundTrips(CancellationToken cancellationToken)
    {
        var answer = await _client.GreetAsync(new Greeting { Text = "hello" }, cancellationToken: cancellationToken);

        Assert.That(answer.Text, Is.EqualTo("hello"));
    }

    [Test]
    public async Task Duplex_RoundTrips(CancellationToken cancellationToken)
    {
        using var call = _client.Converse(cancellationToken: cancellationToken);
        await call.RequestStream.WriteAsync(new Greeting { Text = "one" }, cancellationToken);
        await call.RequestStream.WriteAsync(new Greeting(), cancellationToken);
        await call.RequestStream.CompleteAsync();

        var received = new List<string>();
        await foreach (var greeting in call.ResponseStream.ReadAllAsync(cancellationToken))
        {
            received.Add(greeting.Text);
        }

        Assert.That(received, Is.EqualTo(new[] { "one", "" }));
    }

    [Test]
    public void NotOverridden_IsUnimplemented()
    {
        using var call = _client.GreetMany(new Greeting());

        var failure = Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());

        Assert.That(failure!.StatusCode, Is.EqualTo(StatusCode.Unimplemented));
    }
}
