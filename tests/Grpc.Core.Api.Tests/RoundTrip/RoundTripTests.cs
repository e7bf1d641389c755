using Grpc.Net.Client;

namespace OpenShell.GrpcAbstractions.RoundTrip;

/// <summary>All kinds of calls between the real client and the real server, on our abstractions.</summary>
[TestFixture(false)]
[TestFixture(true)]
[CancelAfter(30_000)]
public class RoundTripTests(bool fromDefinition)
{
    private EchoServer _server = null!;
    private GrpcChannel _channel = null!;
    private CallInvoker _invoker = null!;

    [SetUp]
    public async Task Start()
    {
        _server = await EchoServer.StartAsync(fromDefinition: fromDefinition);
        _channel = _server.Connect();
        _invoker = _channel.CreateCallInvoker();
    }

    [TearDown]
    public async Task Stop()
    {
        _channel.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Unary_Answers()
    {
        using var call = _invoker.AsyncUnaryCall(TestMethods.Echo, null, default, [1, 2, 3]);

        Assert.That(await call, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(call.GetStatus(), Is.EqualTo(Status.DefaultSuccess));
    }

    [Test]
    public void BlockingUnary_Answers() =>
        Assert.That(_invoker.BlockingUnaryCall(TestMethods.Echo, null, default, [7]), Is.EqualTo(new byte[] { 7 }));

    [Test]
    public async Task Metadata_ComesBackInHeadersAndTrailers()
    {
        var sent = new Metadata { { "X-Text", "some text" }, { "x-data-bin", [0, 1, 255] }, { "x-text", "more" } };
        using var call = _invoker.AsyncUnaryCall(TestMethods.Echo, null, new CallOptions(sent), []);

        var headers = await call.ResponseHeadersAsync;
        await call;

        foreach (var received in new[] { headers, call.GetTrailers() })
        {
            // HTTP may join the values of one name with commas, and HttpClient does.
            var text = string.Join(", ", received.GetAll("echo-x-text").Select(entry => entry.Value));
            Assert.That(text, Is.EqualTo("some text, more"));
            Assert.That(received.GetValueBytes("echo-x-data-bin"), Is.EqualTo(new byte[] { 0, 1, 255 }));
        }
    }

    [Test]
    public async Task ServerStreaming_DeliversAll()
    {
        using var call = _invoker.AsyncServerStreamingCall(TestMethods.Repeat, null, default, [3]);

        var received = new List<byte>();
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            received.AddRange(message);
        }

        Assert.That(received, Is.EqualTo(new byte[] { 0, 1, 2 }));
    }

    [Test]
    public async Task ClientStreaming_DeliversAll(CancellationToken cancellationToken)
    {
        using var call = _invoker.AsyncClientStreamingCall(TestMethods.Join, null, default);

        await call.RequestStream.WriteAsync([1], cancellationToken);
        await call.RequestStream.WriteAsync([2, 3], cancellationToken);
        await call.RequestStream.CompleteAsync();

        Assert.That(await call, Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Duplex_AnswersEachMessageAndEndsWithTheServersStatus()
    {
        using var call = _invoker.AsyncDuplexStreamingCall(TestMethods.Chat, null, default);

        for (byte i = 0; i < 3; i++)
        {
            await call.RequestStream.WriteAsync([i]);
            Assert.That(await call.ResponseStream.MoveNext(), Is.True);
            Assert.That(call.ResponseStream.Current, Is.EqualTo(new[] { i }));
        }

        await call.RequestStream.CompleteAsync();
        var failure = Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.That(failure!.Status, Is.EqualTo(new Status(StatusCode.OutOfRange, "that was all")));
        Assert.That(call.GetStatus().StatusCode, Is.EqualTo(StatusCode.OutOfRange));
    }

    [Test]
    public void Failure_HasTheServersStatusAndTrailers([Range(1, 16)] int code)
    {
        var failure = Assert.ThrowsAsync<RpcException>(async () =>
            await _invoker.AsyncUnaryCall(TestMethods.Fail, null, default, [(byte)code]));

        Assert.That(failure!.StatusCode, Is.EqualTo((StatusCode)code));
        Assert.That(failure!.Status.Detail, Is.EqualTo("refused: ü"));
        Assert.That(failure!.Trailers.GetValue("reason"), Is.EqualTo("test"));
        Assert.That(failure!.Trailers.GetValueBytes("reason-bin"), Is.EqualTo(new byte[] { 0, 255 }));
    }

    [Test]
    public async Task Deadline_ReachesTheServer()
    {
        var deadline = DateTime.UtcNow.AddMinutes(1);

        await _invoker.AsyncUnaryCall(TestMethods.Echo, null, new CallOptions(deadline: deadline), []);

        Assert.That(_server.Calls.LastDeadline, Is.EqualTo(deadline).Within(TimeSpan.FromSeconds(10)));
        Assert.That(_server.Calls.LastDeadline.Kind, Is.EqualTo(DateTimeKind.Utc));
    }

    [Test]
    public void Deadline_Passed_EndsTheCall()
    {
        var options = new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(200));

        var failure = Assert.ThrowsAsync<RpcException>(async () =>
            await _invoker.AsyncUnaryCall(TestMethods.Hang, null, options, []));

        Assert.That(failure!.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public async Task Cancel_ByToken_EndsTheCallOnBothSides(CancellationToken cancellationToken)
    {
        using var source = new CancellationTokenSource();
        using var call = _invoker.AsyncUnaryCall(TestMethods.Hang, null, new CallOptions(cancellationToken: source.Token), []);
        await _server.Calls.HangStarted.Task.WaitAsync(cancellationToken);

        await source.CancelAsync();

        var failure = Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.That(failure!.StatusCode, Is.EqualTo(StatusCode.Cancelled));
        await _server.Calls.HangCancelled.Task.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task Cancel_ByDispose_EndsTheCallOnBothSides(CancellationToken cancellationToken)
    {
        var call = _invoker.AsyncUnaryCall(TestMethods.Hang, null, default, []);
        await _server.Calls.HangStarted.Task.WaitAsync(cancellationToken);

        call.Dispose();

        var failure = Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.That(failure!.StatusCode, Is.EqualTo(StatusCode.Cancelled));
        await _server.Calls.HangCancelled.Task.WaitAsync(cancellationToken);
    }
}
