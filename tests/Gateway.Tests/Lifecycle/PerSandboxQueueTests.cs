using OpenShell.Gateway.Races;
using OpenShell.Gateway.Store;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Lifecycle;

public class PerSandboxQueueTests
{
    private readonly List<string> _applied = [];

    [SetUp]
    public void Forget() => _applied.Clear();

    [Test]
    public async Task Post_OneSandboxIsHeldUp_OthersGoOnAndItsOwnKeepTheirOrder()
    {
        var slow = new SyncPoint();
        await using var dispatch = new PerSandboxQueue<string>(
            async (next, _) =>
            {
                await (next == "a1" ? slow.HoldAsync() : Task.CompletedTask);
                lock (_applied)
                {
                    _applied.Add(next);
                }
            },
            CancellationToken.None);

        foreach (var next in new[] { "a1", "a2", "b1", "a3", "b2" })
        {
            dispatch.Post(next[..1], next);
        }

        await AppliedAsync("b1", "b2");
        slow.Release();
        await AppliedAsync("b1", "b2", "a1", "a2", "a3");
    }

    [Test]
    public async Task Post_MoreThanMayWait_DropsTheOldestAndKeepsTheLastWord()
    {
        var slow = new SyncPoint();
        await using var dispatch = new PerSandboxQueue<string>(
            async (next, _) =>
            {
                await slow.HoldAsync();
                _applied.Add(next);
            },
            CancellationToken.None);

        for (var i = 0; i < PerSandboxQueue<string>.MaxWaiting + 3; i++)
        {
            dispatch.Post("a", $"{i}");
        }

        slow.Release();
        await AppliedAsync(["0", .. Enumerable.Range(3, PerSandboxQueue<string>.MaxWaiting).Select(i => $"{i}")]);
    }

    [Test]
    public async Task Post_EventCannotBeApplied_EndsAndSaysWhy()
    {
        var dispatch = new PerSandboxQueue<string>(
            (next, token) => next == "bad" ? throw new StoreUnavailableException("disk full") : Task.Delay(Timeout.InfiniteTimeSpan, token),
            CancellationToken.None);
        dispatch.Post("a", "waits");
        dispatch.Post("b", "bad");

        await Eventually.BecomesTrueAsync(() => dispatch.Over.IsCancellationRequested, "the end of the dispatch");
        await Assert.ThatAsync(
            () => Eventually.EndsAsync(dispatch.DisposeAsync().AsTask(), "the dispatch"), Throws.InstanceOf<StoreUnavailableException>());
    }

    [Test]
    public async Task DisposeAsync_SomethingRuns_EndsItAndWaitsForIt()
    {
        var ended = false;
        var dispatch = new PerSandboxQueue<string>(
            async (_, token) =>
            {
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }
                finally
                {
                    ended = true;
                }
            },
            CancellationToken.None);
        dispatch.Post("a", "waits");

        await Eventually.EndsAsync(dispatch.DisposeAsync().AsTask(), "the dispatch");

        Assert.That(ended, Is.True);
    }

    private Task AppliedAsync(params string[] events) => Eventually.BecomesTrueAsync(
        () =>
        {
            lock (_applied)
            {
                return _applied.SequenceEqual(events);
            }
        },
        $"applied: {string.Join(' ', events)}");
}
