using OpenShell.Supervisor.MainProcess;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.MainProcess;

public sealed class MainProcessClientsTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public async Task FirstAsync_CreatorNeverComes_EndsAfterAMinute()
    {
        var first = new MainProcessClients(awaited: true, _time).FirstAsync(CancellationToken.None);
        _time.Advance(MainProcessClients.LongestWait - TimeSpan.FromSeconds(1));
        Assert.That(first.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await Eventually.EndsAsync(first, "the wait"), Is.EqualTo(default(WindowSize)));
    }

    [Test]
    public async Task FirstAsync_SomebodyOnlyLooks_WaitsOn()
    {
        var clients = new MainProcessClients(awaited: true, _time);
        var first = clients.FirstAsync(CancellationToken.None);
        using var looking = clients.Enter(new WindowSize(1, 2), readOnly: true);
        Assert.That(first.IsCompleted, Is.False);
        using var creator = clients.Enter(new WindowSize(100, 30), readOnly: false);
        Assert.That(await Eventually.EndsAsync(first, "the wait"), Is.EqualTo(new WindowSize(100, 30)));
    }

    [Test]
    public async Task DrainedAsync_NobodyIsAwaitedOrThere_EndsAtOnce() =>
        await Eventually.EndsAsync(new MainProcessClients(awaited: false, _time).DrainedAsync(CancellationToken.None), "the wait");

    [Test]
    public async Task DrainedAsync_ClientsAreThere_WaitsForTheLast()
    {
        var clients = new MainProcessClients(awaited: true, _time);
        var (one, other) = (clients.Enter(default, readOnly: false), clients.Enter(default, readOnly: true));
        var drained = clients.DrainedAsync(CancellationToken.None);
        one.Dispose();
        one.Dispose();
        Assert.That(drained.IsCompleted, Is.False);
        other.Dispose();
        await Eventually.EndsAsync(drained, "the wait");
    }

    [Test]
    public async Task DrainedAsync_ClientDoesNotRead_EndsAfterABoundedTime()
    {
        var clients = new MainProcessClients(awaited: false, _time);
        using var stuck = clients.Enter(default, readOnly: false);
        var drained = clients.DrainedAsync(CancellationToken.None);
        _time.Advance(MainProcessClients.LongestDrain);
        await Eventually.EndsAsync(drained, "the wait");
    }
}
