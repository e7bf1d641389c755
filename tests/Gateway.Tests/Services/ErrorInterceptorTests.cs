using Grpc.Core;
using Microsoft.Extensions.Logging;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Services;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ErrorInterceptorTests : IDisposable
{
    private static readonly string[] Shapes = ["unary", "client", "server", "duplex"];

    private readonly GatewayShutdown _shutdown = new();
    private readonly RecordingLogger _logger = new();
    private readonly FakeServerCall _call = new(new SandboxPrincipal("a", 1, DateTimeOffset.MaxValue));
    private readonly ErrorInterceptor _interceptor;

    public ErrorInterceptorTests() => _interceptor = new ErrorInterceptor(_shutdown, _logger);

    public void Dispose() => _shutdown.Dispose();

    [TestCaseSource(nameof(Shapes))]
    public async Task Handler_Defect_IsInternalWithoutDetailsAndLoggedOnce(string shape)
    {
        var status = await StatusAsync(shape, new InvalidOperationException("a secret detail"));

        Assert.That(status.StatusCode, Is.EqualTo(StatusCode.Internal));
        Assert.That(status.Detail, Does.Not.Contain("secret"));
        Assert.That(_logger.Lines, Is.EqualTo(new[] { "Error /test/Method failed: a secret detail" }));
    }

    [TestCaseSource(nameof(Shapes))]
    public async Task Handler_Status_IsPassedOnAsItIs(string shape)
    {
        var thrown = new Status(StatusCode.NotFound, "no such thing");

        Assert.That(await StatusAsync(shape, new RpcException(thrown)), Is.EqualTo(thrown));
        Assert.That(_logger.Lines, Is.Empty);
    }

    [Test]
    public async Task Handler_FailureWithDetails_IsPassedOnAsItIs()
    {
        var thrown = GrpcErrors.InvalidField("name", "name must not contain consecutive hyphens");

        var caught = await Assert.ThrowsAsync<RpcException>(() =>
            _interceptor.UnaryServerHandler("", _call, (_, _) => Task.FromException<string>(thrown)));

        Assert.That(caught, Is.SameAs(thrown));
    }

    [Test]
    public async Task Handler_HarmfulTextBesideDetails_IsMadeHarmlessAndTheDetailsAreLeftOut()
    {
        var thrown = new Google.Rpc.Status { Code = 3, Message = "\e[31m" }.ToRpcException();
        thrown.Trailers.Add("other", "kept");

        var caught = await Assert.ThrowsAsync<RpcException>(() =>
            _interceptor.UnaryServerHandler("", _call, (_, _) => Task.FromException<string>(thrown)));

        Assert.That(caught!.Status, Is.EqualTo(new Status(StatusCode.InvalidArgument, @"\x1b[31m")));
        Assert.That(caught.GetRpcStatus(), Is.Null);
        Assert.That(caught.Trailers.GetValue("other"), Is.EqualTo("kept"));
    }

    [TestCaseSource(nameof(Shapes))]
    public async Task Handler_StoreIsBroken_IsUnavailableWithTheReason(string shape)
    {
        var status = await StatusAsync(shape, new StoreUnavailableException("the disk is full"));

        Assert.That((status.StatusCode, status.Detail), Is.EqualTo((StatusCode.Unavailable, "the disk is full")));
        Assert.That(_logger.Lines, Is.EqualTo(new[] { "Error /test/Method: the disk is full" }));
    }

    private static readonly Exception[] Ends = [new OperationCanceledException(), new IOException("the stream broke")];

    [TestCaseSource(nameof(Ends))]
    public async Task Handler_CallIsGivenUp_IsCancelledAndNothingToLog(Exception end)
    {
        Assert.That(await StatusAsync("unary", end), Is.EqualTo(new Status(StatusCode.Cancelled, "the call was cancelled")));
        Assert.That(_logger.Lines, Is.Empty);
    }

    [TestCaseSource(nameof(Ends))]
    public async Task Handler_GatewayGoesDown_IsUnavailable(Exception end)
    {
        _shutdown.Begin();

        Assert.That(await StatusAsync("duplex", end), Is.EqualTo(new Status(StatusCode.Unavailable, "the gateway is shutting down")));
    }

    [Test]
    public async Task Handler_Succeeds_AnswersWhatItSays() =>
        Assert.That(await _interceptor.UnaryServerHandler("question", _call, (request, _) => Task.FromResult(request + "!")), Is.EqualTo("question!"));

    private async Task<Status> StatusAsync(string shape, Exception thrown)
    {
        var streams = new FakeStreams<string, string>();
        var call = shape switch
        {
            "unary" => _interceptor.UnaryServerHandler("", _call, (_, _) => Task.FromException<string>(thrown)),
            "client" => _interceptor.ClientStreamingServerHandler(streams, _call, (_, _) => Task.FromException<string>(thrown)),
            "server" => _interceptor.ServerStreamingServerHandler("", streams, _call, (_, _, _) => Task.FromException(thrown)),
            _ => _interceptor.DuplexStreamingServerHandler(streams, streams, _call, (_, _, _) => Task.FromException(thrown)),
        };
        try
        {
            await call;
        }
        catch (RpcException e)
        {
            return e.Status;
        }

        throw new AssertionException($"the {shape} handler did not fail");
    }

    private sealed class RecordingLogger : ILogger<ErrorInterceptor>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel} {formatter(state, exception)}{(exception is null ? "" : $": {exception.Message}")}");
    }
}
