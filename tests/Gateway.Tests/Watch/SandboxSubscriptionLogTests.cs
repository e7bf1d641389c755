using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Watch;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SandboxSubscriptionLogTests
{
    private readonly SandboxEventHub _hub = new(TimeProvider.System);

    [SetUp]
    public void Open() => _hub.Open("a");

    [Test]
    public async Task PublishLog_EveryWatcher_GetsWhatItsFilterWants()
    {
        using var all = _hub.Subscribe("a", new WatchFilter(LogFilter.All, false));
        using var sandboxOnly = _hub.Subscribe("a", new WatchFilter(LogFilter.All with { Sources = new HashSet<string> { "sandbox" } }, false));
        using var statusOnly = _hub.Subscribe("a", WatchFilter.None);

        Assert.That(_hub.PublishLog("a", LogLines.Create("1")), Is.True);
        Assert.That(_hub.PublishLog("a", LogLines.Create("2", source: "sandbox")), Is.True);
        Assert.That(_hub.PublishLog("b", LogLines.Create("3")), Is.False, "b does not exist");

        Assert.That(new[] { await ReadAsync(all), await ReadAsync(all) }, Is.EqualTo(new[] { "log 1", "log 2" }));
        Assert.That(await ReadAsync(sandboxOnly), Is.EqualTo("log 2"));
        Assert.That(statusOnly.ReadAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    [Test]
    public async Task PublishLog_SlowWatcher_HearsHowManyWereDroppedAndGoesOn()
    {
        using var watch = _hub.Subscribe("a", new WatchFilter(LogFilter.All, false));
        for (var i = 0; i < 2006; i++)
        {
            _hub.PublishLog("a", LogLines.Create($"{i}"));
        }

        Assert.That(await ReadAsync(watch), Is.EqualTo("missed 6"));
        for (var i = 6; i < 2006; i++)
        {
            Assert.That(await ReadAsync(watch), Is.EqualTo($"log {i}"));
        }

        _hub.PublishLog("a", LogLines.Create("after"));
        Assert.That(await ReadAsync(watch), Is.EqualTo("log after"));
    }

    [Test]
    public async Task PublishState_BetweenLines_ComesBetweenThem()
    {
        using var watch = _hub.Subscribe("a", new WatchFilter(LogFilter.All, false));
        _hub.PublishLog("a", LogLines.Create("before"));
        _hub.PublishState(SandboxRecords.Create(version: 1));
        _hub.PublishLog("a", LogLines.Create("after"));

        Assert.That(
            new[] { await ReadAsync(watch), await ReadAsync(watch), await ReadAsync(watch) },
            Is.EqualTo(new[] { "log before", "state 1", "log after" }));
    }

    [Test]
    public async Task PublishState_BusyLog_DoesNotHoldItBack()
    {
        using var watch = _hub.Subscribe("a", new WatchFilter(LogFilter.All, false));
        _hub.PublishLog("a", LogLines.Create("0"));
        _hub.PublishState(SandboxRecords.Create(version: 1));
        for (var i = 1; i < 3000; i++)
        {
            _hub.PublishLog("a", LogLines.Create($"{i}"));
        }

        _hub.PublishState(SandboxRecords.Create(version: 2));

        Assert.That(
            new[] { await ReadAsync(watch), await ReadAsync(watch) }, Is.EqualTo(new[] { "missed 1000", "state 2" }), "the lines before it were dropped");
    }

    [Test]
    public async Task PublishRemoved_Lines_ComeFirstAndTheBufferIsForgotten()
    {
        using var watch = _hub.Subscribe("a", new WatchFilter(LogFilter.All, false));
        _hub.PublishLog("a", LogLines.Create("last"));
        _hub.PublishRemoved("a");

        Assert.That(new[] { await ReadAsync(watch), await ReadAsync(watch) }, Is.EqualTo(new[] { "log last", "removed" }));
        Assert.That(_hub.Tail("a", LogFilter.All, 10).Total, Is.Zero);
        Assert.That(_hub.PublishLog("a", LogLines.Create("late")), Is.False);
    }

    private static async Task<string> ReadAsync(SandboxSubscription watch) =>
        await Eventually.EndsAsync(watch.ReadAsync(CancellationToken.None), "the next event") switch
        {
            StateEvent state => $"state {state.Record.ResourceVersion}",
            LogEvent log => $"log {log.Line.Message}",
            MissedEvent missed => $"missed {missed.Lines}",
            RemovedEvent => "removed",
            var other => other.ToString(),
        };
}
