using System.Collections.Immutable;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Readiness;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ReadinessControllerTests : IAsyncDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SqliteStore _database = new(new DatabaseUrl((string?)null));
    private readonly SandboxLocks _locks = new();
    private readonly DriverStatusCache _statuses = new();
    private readonly SandboxEventHub _events = new(TimeProvider.System);
    private readonly InterceptedStore _store;
    private readonly SandboxStore _sandboxes;
    private readonly SessionRegistry _sessions;
    private readonly ReadinessController _controller;

    public ReadinessControllerTests()
    {
        _store = new InterceptedStore(_database);
        _sandboxes = new SandboxStore(_store, _time);
        _sessions = new SessionRegistry(_time);
        var life = new SandboxLife(new LifeOptions(), _time);
        var publisher = new StatePublisher(_events, new SandboxJournal(_events, _time), new SandboxDeadlines(life, _time), _time);
        _controller = new ReadinessController(_sandboxes, _locks, _sessions, _statuses, publisher, life);
    }

    [SetUp]
    public async Task CreateSandboxAsync()
    {
        Assert.That(await _sandboxes.CreateAsync(SandboxRecords.Create(), CancellationToken.None), Is.EqualTo(StoreOutcome.Done));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Test]
    public async Task ReevaluateAsync_SessionIsThere_StoresReadyAndPublishes()
    {
        using var watch = _events.Subscribe("a", WatchFilter.None);
        Register();

        await _controller.ReevaluateAsync("a", CancellationToken.None);

        var record = await GetAsync();
        Assert.That((record.Phase, record.InstanceId, record.ResourceVersion), Is.EqualTo((SandboxPhase.Ready, "boot-1", 2UL)));
        var published = (StateEvent)await Eventually.EndsAsync(watch.ReadAsync(CancellationToken.None), "the publication");
        Assert.That((published.Record.Phase, published.Record.ResourceVersion), Is.EqualTo((SandboxPhase.Ready, 2UL)));
    }

    [Test]
    public async Task ReevaluateAsync_NothingChanges_WritesAndPublishesNothing()
    {
        Register();
        await _controller.ReevaluateAsync("a", CancellationToken.None);
        using var watch = _events.Subscribe("a", WatchFilter.None);
        var updates = _store.Updates;

        _time.Advance(TimeSpan.FromMinutes(1));
        await _controller.ReevaluateAsync("a", CancellationToken.None);
        await _controller.SetDriverStatusAsync("a", new DriverStatus(DriverPhase.Ready, null), CancellationToken.None);

        Assert.That(_store.Updates, Is.EqualTo(updates));
        Assert.That((await GetAsync()).ResourceVersion, Is.EqualTo(2UL));
        Assert.That(watch.ReadAsync(CancellationToken.None).IsCompleted, Is.False);
    }

    // The old session's cleanup is decided before the newer session connects, and its turn comes after.
    [Test]
    public async Task ReevaluateAsync_OldDisconnectLandsAfterNewConnect_StaysReady()
    {
        var old = Register();
        await _controller.ReevaluateAsync("a", CancellationToken.None);
        var held = await _locks.EnterAsync("a", CancellationToken.None);
        Assert.That(_sessions.RemoveIfCurrent(old), Is.True);
        var connect = _controller.ReevaluateAsync("a", CancellationToken.None);
        var disconnect = _controller.ReevaluateAsync("a", CancellationToken.None);
        Register();

        held.Dispose();
        await Eventually.EndsAsync(Task.WhenAll(connect, disconnect), "both evaluations");

        var record = await GetAsync();
        Assert.That((record.Phase, record.ResourceVersion), Is.EqualTo((SandboxPhase.Ready, 2UL)), "it was never demoted");
    }

    // The evaluation of the disconnect is in the middle of its write when the newer session comes.
    [Test]
    public async Task ReevaluateAsync_NewConnectDuringTheDemotion_EndsReady()
    {
        var old = Register();
        await _controller.ReevaluateAsync("a", CancellationToken.None);
        _sessions.RemoveIfCurrent(old);
        var connect = Task.CompletedTask;
        _store.BeforeUpdate = () =>
        {
            _store.BeforeUpdate = null;
            Register();
            connect = _controller.ReevaluateAsync("a", CancellationToken.None);
            return Task.CompletedTask;
        };

        await _controller.ReevaluateAsync("a", CancellationToken.None);
        await Eventually.EndsAsync(connect, "the evaluation of the newer session");

        Assert.That((await GetAsync()).Phase, Is.EqualTo(SandboxPhase.Ready));
    }

    [Test]
    public async Task ReevaluateAsync_Conflict_DecidesAgainFromWhatIsThere()
    {
        Register();
        _store.BeforeUpdate = async () =>
        {
            _store.BeforeUpdate = null;
            var row = (await _database.GetAsync("sandbox", "a", CancellationToken.None))!;
            var other = await new SandboxStore(_database, _time).GetAsync("a", CancellationToken.None);
            var result = await new SandboxStore(_database, _time).UpdateAsync(other! with { ExitCode = 7, InstanceId = "boot-1" }, CancellationToken.None);
            Assert.That(result.Outcome, Is.EqualTo(StoreOutcome.Done));
            Assert.That(row.ResourceVersion, Is.EqualTo(1UL));
        };

        await _controller.ReevaluateAsync("a", CancellationToken.None);

        var record = await GetAsync();
        Assert.That((record.Phase, record.ExitCode, record.ResourceVersion), Is.EqualTo((SandboxPhase.Ready, (int?)7, 3UL)));
    }

    [Test]
    public async Task ReevaluateAsync_RowDeletedMeanwhile_EndsQuietly()
    {
        Register();
        _store.BeforeUpdate = () => _database.DeleteAsync("sandbox", "a", CancellationToken.None);

        await Eventually.EndsAsync(_controller.ReevaluateAsync("a", CancellationToken.None), "the evaluation");

        Assert.That(await _sandboxes.GetAsync("a", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task SetDriverStatusAsync_UnknownSandbox_CreatesNothing()
    {
        await _controller.SetDriverStatusAsync("nobody", new DriverStatus(DriverPhase.Ready, null), CancellationToken.None);

        Assert.That(await _sandboxes.GetAsync("nobody", CancellationToken.None), Is.Null);
        Assert.That(_statuses.Find("nobody"), Is.Null, "nothing would ever remove it");
    }

    [Test]
    public async Task ReevaluateAsync_RowHasGone_ForgetsWhatTheDriverSaidLate()
    {
        _events.PublishPlatform("gone", new SandboxPlatformEvent(_time.GetUtcNow(), "vm", "Normal", "Deleted", "", ImmutableDictionary<string, string>.Empty));

        await _controller.ReevaluateAsync("gone", CancellationToken.None);

        using var watch = _events.Subscribe("gone", new WatchFilter(null, true));
        Assert.That(watch.BeginWithTail(0, 10), Is.Empty);
    }

    [Test]
    public async Task ChangeAsync_Change_IsComposedInTheSameWrite()
    {
        Register();

        var record = await _controller.ChangeAsync("a", r => r with { ExitCode = 3, ExitEpoch = 1, InstanceId = "boot-1" }, CancellationToken.None);

        Assert.That((record!.Phase, record.ExitCode, record.ResourceVersion), Is.EqualTo((SandboxPhase.Ready, (int?)3, 2UL)));
    }

    [Test]
    public async Task Removed_Watchers_AreTold()
    {
        using var watch = _events.Subscribe("a", WatchFilter.None);
        _statuses.Set("a", new DriverStatus(DriverPhase.Ready, null));

        _controller.Forget("a");

        Assert.That(await Eventually.EndsAsync(watch.ReadAsync(CancellationToken.None), "the event"), Is.EqualTo(new RemovedEvent()));
        Assert.That(_statuses.Find("a"), Is.Null);
    }

    private SupervisorSession Register()
    {
        var session = new SupervisorSession("a", "boot-1", 1, "1", []);
        Assert.That(_sessions.Register(session).Rejection, Is.Null);
        return session;
    }

    private async Task<SandboxRecord> GetAsync() => (await _sandboxes.GetAsync("a", CancellationToken.None))!;
}
