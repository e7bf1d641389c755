using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Watch;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class SandboxEventHubTests
{
    private static readonly WatchFilter Everything = new(LogFilter.All, true);
    private readonly SandboxEventHub _hub = new(TimeProvider.System);

    [Test]
    public async Task PublishState_Subscriber_GetsIt()
    {
        using var watch = _hub.Subscribe("a", Everything);
        using var elsewhere = _hub.Subscribe("b", Everything);

        _hub.PublishState(Record(1));

        Assert.That(await ReadAsync(watch), Is.EqualTo("state 1"));
        Assert.That(elsewhere.ReadAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    [Test]
    public async Task PublishState_WaitingReader_IsWoken()
    {
        using var watch = _hub.Subscribe("a", Everything);
        var reading = ReadAsync(watch);
        Assert.That(reading.IsCompleted, Is.False);

        _hub.PublishState(Record(1));

        Assert.That(await reading, Is.EqualTo("state 1"));
    }

    [Test]
    public async Task PublishState_SlowWatcher_GetsTheNewestOnly()
    {
        using var watch = _hub.Subscribe("a", Everything);
        _hub.PublishState(Record(1));
        _hub.PublishState(Record(3));
        _hub.PublishState(Record(2));

        Assert.That(await ReadAsync(watch), Is.EqualTo("state 3"));
        Assert.That(watch.ReadAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    [Test]
    public async Task PublishState_OlderAfterTheNewestWasRead_IsNotDelivered()
    {
        using var watch = _hub.Subscribe("a", Everything);
        _hub.PublishState(Record(3));
        Assert.That(await ReadAsync(watch), Is.EqualTo("state 3"));

        _hub.PublishState(Record(2));
        _hub.PublishState(Record(4));

        Assert.That(await ReadAsync(watch), Is.EqualTo("state 4"));
        _hub.PublishState(Record(3));
        Assert.That(watch.ReadAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    [Test]
    public async Task PublishPlatform_InOrder_ArriveInOrder()
    {
        using var watch = _hub.Subscribe("a", Everything);
        for (var i = 0; i < 256; i++)
        {
            _hub.PublishPlatform("a", PlatformEvents.Create($"{i}"));
        }

        for (var i = 0; i < 256; i++)
        {
            Assert.That(await ReadAsync(watch), Is.EqualTo($"platform {i}"));
        }
    }

    [Test]
    public async Task PublishPlatform_SlowWatcher_HearsHowManyWereDroppedThenTheNewest()
    {
        using var watch = _hub.Subscribe("a", Everything);
        for (var i = 0; i < 300; i++)
        {
            _hub.PublishPlatform("a", PlatformEvents.Create($"{i}"));
        }

        Assert.That(await ReadAsync(watch), Is.EqualTo("missed 0 + 44"));
        Assert.That(await ReadAsync(watch), Is.EqualTo("platform 44"));
        for (var i = 45; i < 300; i++)
        {
            Assert.That(await ReadAsync(watch), Is.EqualTo($"platform {i}"));
        }

        Assert.That(watch.ReadAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    [Test]
    public async Task PublishRemoved_EverythingBefore_ComesFirst()
    {
        using var watch = _hub.Subscribe("a", Everything);
        _hub.PublishState(Record(1));
        _hub.PublishPlatform("a", PlatformEvents.Create("1"));
        _hub.PublishRemoved("a");

        Assert.That(await ReadAsync(watch), Is.EqualTo("state 1"));
        Assert.That(await ReadAsync(watch), Is.EqualTo("platform 1"));
        Assert.That(await ReadAsync(watch), Is.EqualTo("removed"));
        Assert.That(await ReadAsync(watch), Is.EqualTo("removed"), "it stays removed");
    }

    [Test]
    public async Task ReadAsync_Cancelled_CanReadOn()
    {
        using var watch = _hub.Subscribe("a", Everything);
        using var cancel = new CancellationTokenSource();
        var reading = watch.ReadAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThatAsync(() => reading, Throws.InstanceOf<OperationCanceledException>());

        _hub.PublishState(Record(1));

        Assert.That(await ReadAsync(watch), Is.EqualTo("state 1"));
    }

    [Test]
    public void Dispose_Subscription_GetsNothingMoreAndLeavesNoHistory()
    {
        var watch = _hub.Subscribe("a", Everything);
        Assert.That(Histories(), Is.EqualTo(1));

        watch.Dispose();
        watch.Dispose();
        _hub.PublishState(Record(1));

        Assert.That(Histories(), Is.Zero);
        Assert.That(watch.ReadAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    [Test]
    public void PublishState_NobodyWatches_MakesNoHistory()
    {
        _hub.PublishState(Record(1));
        _hub.PublishRemoved("a");

        Assert.That(Histories(), Is.Zero);
    }

    [Test]
    public void PublishRemoved_TailAndLastWatcher_LeaveNoHistory()
    {
        var watch = _hub.Subscribe("a", Everything);
        _hub.PublishPlatform("a", PlatformEvents.Create("1"));

        _hub.PublishRemoved("a");
        watch.Dispose();

        Assert.That(Histories(), Is.Zero);
    }

    [Test]
    public async Task Publish_FromManyThreads_ReaderSeesVersionsRiseToTheLast()
    {
        using var watch = _hub.Subscribe("a", Everything);
        var publishing = Parallel.ForEachAsync(Enumerable.Range(1, 1000), async (version, _) =>
        {
            await Task.Yield();
            _hub.PublishState(Record((ulong)version));
        });

        var last = 0UL;
        while (last < 1000)
        {
            var next = (StateEvent)await Eventually.EndsAsync(watch.ReadAsync(CancellationToken.None), "the next state");
            Assert.That(next.Record.ResourceVersion, Is.GreaterThan(last));
            last = next.Record.ResourceVersion;
        }

        await Eventually.EndsAsync(publishing, "the publications");
    }

    // The hub offers no count, and has no other use for one.
    private int Histories() => ((System.Collections.ICollection)typeof(SandboxEventHub)
        .GetField("_histories", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!
        .GetValue(_hub)!).Count;

    private static async Task<string> ReadAsync(SandboxSubscription watch) =>
        await Eventually.EndsAsync(watch.ReadAsync(CancellationToken.None), "the next event") switch
        {
            StateEvent state => $"state {state.Record.ResourceVersion}",
            PlatformEventReceived platform => $"platform {platform.Event.Message}",
            MissedEvent missed => $"missed {missed.Lines} + {missed.PlatformEvents}",
            RemovedEvent => "removed",
            var other => other.ToString(),
        };

    private static SandboxRecord Record(ulong version) => SandboxRecords.Create(version: version);
}
