using OpenShell.TestKit;

namespace OpenShell.Gateway.Concurrency;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class KeyedSemaphoreTests
{
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(2);

    private readonly KeyedSemaphore _locks = new(holders: 1);

    [Test]
    public async Task EnterAsync_Held_WaitsUntilItIsLeft()
    {
        var first = await _locks.EnterAsync("a", CancellationToken.None);
        var second = _locks.EnterAsync("a", CancellationToken.None);
        Assert.That(second.IsCompleted, Is.False);

        first.Dispose();

        (await Eventually.EndsAsync(second, "the second entry")).Dispose();
    }

    [Test]
    public async Task EnterAsync_RoomForTwo_TheThirdWaits()
    {
        var semaphore = new KeyedSemaphore(2);
        using var first = await semaphore.EnterAsync("a", CancellationToken.None);
        var second = await semaphore.EnterAsync("a", CancellationToken.None);
        var third = semaphore.EnterAsync("a", CancellationToken.None);
        Assert.That(third.IsCompleted, Is.False);

        second.Dispose();

        (await Eventually.EndsAsync(third, "the third entry")).Dispose();
    }

    [Test]
    public async Task EnterAsync_OtherKey_DoesNotWait()
    {
        using var first = await _locks.EnterAsync("a", CancellationToken.None);
        using var second = await Eventually.EndsAsync(_locks.EnterAsync("b", CancellationToken.None), "the entry");
    }

    [Test]
    public async Task Dispose_Twice_LeavesOnce()
    {
        var first = await _locks.EnterAsync("a", CancellationToken.None);
        var second = _locks.EnterAsync("a", CancellationToken.None);
        var third = _locks.EnterAsync("a", CancellationToken.None);

        first.Dispose();
        first.Dispose();

        await Eventually.BecomesTrueAsync(() => second.IsCompleted || third.IsCompleted, "one of the two enters");
        Assert.That(second.IsCompleted && third.IsCompleted, Is.False);
    }

    [Test]
    public async Task EnterAsync_CancelledWhileWaiting_LeavesTheGateUsable()
    {
        using var cancel = new CancellationTokenSource();
        var first = await _locks.EnterAsync("a", CancellationToken.None);
        var waiting = _locks.EnterAsync("a", cancel.Token);

        await cancel.CancelAsync();
        await Assert.ThatAsync(() => Eventually.EndsAsync(waiting, "the cancelled entry"), Throws.InstanceOf<OperationCanceledException>());
        first.Dispose();

        using var next = await Eventually.EndsAsync(_locks.EnterAsync("a", CancellationToken.None), "the next entry");
    }

    [Test]
    public async Task TryEnterAsync_NobodyLeaves_GivesUp()
    {
        var time = new ManualTimeProvider();
        using var first = await _locks.EnterAsync("a", CancellationToken.None);
        var waiting = _locks.TryEnterAsync("a", Standstill, time, CancellationToken.None);

        time.Advance(Standstill);

        Assert.That(await Eventually.EndsAsync(waiting, "the entry is given up"), Is.Null);
    }

    // However long it takes: a burst on a slow machine is served, too.
    [Test]
    public async Task TryEnterAsync_OthersLeave_WaitsItsTurn()
    {
        var time = new ManualTimeProvider();
        var first = await _locks.EnterAsync("a", CancellationToken.None);
        var second = _locks.EnterAsync("a", CancellationToken.None);
        var waiting = _locks.TryEnterAsync("a", Standstill, time, CancellationToken.None);

        first.Dispose();
        time.Advance(Standstill);
        (await Eventually.EndsAsync(second, "the second entry")).Dispose();

        using var third = await Eventually.EndsAsync(waiting, "the third entry");
        Assert.That(third, Is.Not.Null);
    }

    [Test]
    public async Task EnterAsync_ManyAtOnce_OneIsInsideAtATime()
    {
        var inside = 0;
        var most = 0;
        var total = 0;
        await Eventually.EndsAsync(Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(EnterOftenAsync))), "the entries");

        Assert.That((most, total), Is.EqualTo((1, 32 * 50)));

        async Task EnterOftenAsync()
        {
            for (var i = 0; i < 50; i++)
            {
                using var place = await _locks.EnterAsync("a", CancellationToken.None);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                total++;
                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
        }
    }
}
