using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Channel = System.Threading.Channels.Channel;

namespace OpenShell.Gateway.Services;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class WatchApiTests : IAsyncDisposable
{
    private readonly SqliteStore _database = new(new DatabaseUrl((string?)null));
    private readonly SandboxEventHub _events = new(TimeProvider.System);
    private readonly StreamWriter _stream = new();
    private readonly CancellationTokenSource _gone = new();
    private readonly SandboxStore _store;
    private readonly WatchApi _watch;
    private readonly LogApi _logs;

    public WatchApiTests()
    {
        _store = new SandboxStore(_database, TimeProvider.System);
        _watch = new WatchApi(SandboxRecords.Directory(_database, _store), _store, _events, new WatchOptions());
        _logs = new LogApi(SandboxRecords.Directory(_database, _store), _events, TimeProvider.System);
    }

    [SetUp]
    public async Task CreateSandboxAsync()
    {
        await _store.CreateAsync(SandboxRecords.Create(), CancellationToken.None);
        _events.Open("a");
    }

    public async ValueTask DisposeAsync()
    {
        _gone.Dispose();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task Watch_FollowLogs_SendsTheTailThenWhatComesEachOnce()
    {
        Publish(0, 300);
        var watching = WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", FollowLogs = true });

        Assert.That(await _stream.ReadAsync(), Is.EqualTo("state"));
        for (var i = 100; i < 300; i++)
        {
            Assert.That(await _stream.ReadAsync(), Is.EqualTo($"{i}"));
        }

        Publish(300, 302);
        Assert.That(new[] { await _stream.ReadAsync(), await _stream.ReadAsync() }, Is.EqualTo(new[] { "300", "301" }));
        await EndAsync(watching);
    }

    // A line that comes between the subscription and the tail is in both.
    [Test]
    public async Task Watch_LineDuringTheStart_IsSentOnce()
    {
        _stream.OnWrite = () =>
        {
            _stream.OnWrite = null;
            Publish(0, 1);
        };
        var watching = WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", FollowLogs = true });

        Assert.That(new[] { await _stream.ReadAsync(), await _stream.ReadAsync() }, Is.EqualTo(new[] { "state", "0" }));
        Publish(1, 2);
        Assert.That(await _stream.ReadAsync(), Is.EqualTo("1"));
        await EndAsync(watching);
    }

    [Test]
    public async Task Watch_Filters_CountForTheTailAndForWhatComes()
    {
        var since = LogLines.Then.AddSeconds(10);
        Publish(5, 12);
        var watching = WatchAsync(new WatchSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = "a",
            FollowLogs = true,
            LogTailLines = 1,
            SinceTime = since.ToTimestamp(),
            LogMinLevel = "WARN",
            LogSources = { "gateway" },
        });

        Assert.That(await _stream.ReadAsync(), Is.EqualTo("state"));
        Assert.That(await _stream.ReadAsync(), Is.EqualTo("11"));
        _events.PublishLog("a", LogLines.Create("too old", "WARN", second: 9));
        _events.PublishLog("a", LogLines.Create("unimportant", second: 20));
        _events.PublishLog("a", LogLines.Create("of another", "ERROR", "sandbox", second: 20));
        _events.PublishLog("a", LogLines.Create("wanted", "ERROR", second: 20));
        Assert.That(await _stream.ReadAsync(), Is.EqualTo("wanted"));
        await EndAsync(watching);
    }

    [Test]
    public async Task Watch_SlowReader_GetsAWarningWithTheNumberAndGoesOn()
    {
        _stream.Hold();
        var watching = WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", FollowLogs = true });
        await Eventually.EndsAsync(_stream.Writing.Task, "the first write");
        Publish(0, 2048);
        _stream.Release();

        Assert.That(await _stream.ReadAsync(), Is.EqualTo("state"));
        Assert.That(await _stream.ReadAsync(), Is.EqualTo("this watch is slow: 48 log lines were dropped"));
        for (var i = 48; i < 2048; i++)
        {
            Assert.That(await _stream.ReadAsync(), Is.EqualTo($"{i}"));
        }

        Publish(2048, 2049);
        Assert.That(await _stream.ReadAsync(), Is.EqualTo("2048"));
        await EndAsync(watching);
    }

    [Test]
    public async Task Watch_NoFollowLogs_SendsNone()
    {
        Publish(0, 3);
        var watching = WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", FollowStatus = true });
        Assert.That(await _stream.ReadAsync(), Is.EqualTo("state"));
        Publish(3, 6);
        _events.PublishRemoved("a");
        await Eventually.EndsAsync(watching, "the watch");
        Assert.That(_stream.Count, Is.Zero);
    }

    [Test]
    public async Task GetLogs_Filters_AnswersTheNewestAndTheTotal()
    {
        Publish(0, 20);
        _events.PublishLog("a", LogLines.Create("quiet", "DEBUG"));

        var answer = await _logs.GetAsync(new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Lines = 2, MinLevel = "INFO" }, CancellationToken.None);
        Assert.That(answer.Logs.Select(l => l.Message), Is.EqualTo(new[] { "18", "19" }));
        Assert.That(answer.BufferTotal, Is.EqualTo(21));
        Assert.That(answer.Logs[0].SandboxId, Is.EqualTo("a"));

        var all = await _logs.GetAsync(new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = "a" }, CancellationToken.None);
        Assert.That(all.Logs, Has.Count.EqualTo(21));
    }

    [Test]
    public async Task Level_ThatNobodyKnows_IsRefused()
    {
        var logs = await Assert.ThrowsAsync<RpcException>(() => _logs.GetAsync(
            new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = "a", MinLevel = "loud" }, CancellationToken.None));
        var watch = await Assert.ThrowsAsync<RpcException>(
            () => WatchAsync(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", LogMinLevel = "NOVEL" }));

        Assert.That(
            (logs!.StatusCode, logs.Status.Detail),
            Is.EqualTo((StatusCode.InvalidArgument, "min_level is ERROR, WARN, INFO, OCSF, DEBUG or TRACE, not 'loud'")));
        Assert.That(
            (watch!.StatusCode, watch.Status.Detail),
            Is.EqualTo((StatusCode.InvalidArgument, "log_min_level is ERROR, WARN, INFO, OCSF, DEBUG or TRACE, not 'NOVEL'")));
        await _logs.GetAsync(
            new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = "a", MinLevel = "warn" }, CancellationToken.None);
    }

    [TestCase("", StatusCode.InvalidArgument, "sandbox is required")]
    [TestCase("b", StatusCode.NotFound, "sandbox not found")]
    public async Task GetLogs_NoSuchSandbox_IsRefused(string id, StatusCode code, string message)
    {
        var e = await Assert.ThrowsAsync<RpcException>(() => _logs.GetAsync(new GetSandboxLogsRequest { WorkspaceScope = Scope.Default, Sandbox = id }, CancellationToken.None));
        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((code, message)));
    }

    private Task WatchAsync(WatchSandboxRequest request) => _watch.WatchAsync(request, _stream, _gone.Token);

    private async Task EndAsync(Task watching)
    {
        await _gone.CancelAsync();
        await Assert.ThatAsync(() => watching, Throws.InstanceOf<OperationCanceledException>());
    }

    private void Publish(int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            _events.PublishLog("a", LogLines.Create($"{i}", "WARN", second: i));
        }
    }

    private sealed class StreamWriter : IServerStreamWriter<SandboxStreamEvent>
    {
        private readonly System.Threading.Channels.Channel<string> _written = Channel.CreateUnbounded<string>();
        private TaskCompletionSource? _held;

        public Action? OnWrite { get; set; }

        public TaskCompletionSource Writing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count => _written.Reader.Count;

        public WriteOptions? WriteOptions { get; set; }

        public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Release() => _held!.TrySetResult();

        public Task<string> ReadAsync() => Eventually.EndsAsync(_written.Reader.ReadAsync().AsTask(), "the next event");

        public Task WriteAsync(SandboxStreamEvent message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(SandboxStreamEvent message, CancellationToken cancellationToken)
        {
            Writing.TrySetResult();
            await (_held?.Task ?? Task.CompletedTask);
            OnWrite?.Invoke();
            _written.Writer.TryWrite(message.Log?.Message ?? message.Warning?.Message ?? "state");
        }
    }
}
