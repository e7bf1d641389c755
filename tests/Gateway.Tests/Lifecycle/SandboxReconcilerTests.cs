using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Lifecycle;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class SandboxReconcilerTests : IDisposable
{
    private static readonly TimeSpan PastGrace = DriverComparison.MissingGrace + TimeSpan.FromSeconds(1);

    private readonly ManualTimeProvider _time = new();
    private readonly TestDirectory _directory = new();
    private readonly SqliteStore _database = new(new DatabaseUrl((string?)null));
    private readonly DriverStatusCache _statuses = new();
    private readonly SessionRegistry _sessions;
    private readonly SandboxStore _store;
    private readonly SandboxTokens _tokens;
    private readonly DriverClient _client;
    private readonly SandboxLifecycle _lifecycle;
    private readonly SandboxReconciler _reconciler;
    private readonly DriverComparison _comparison;
    private readonly StartupRecovery _recovery;
    private readonly SandboxLocks _locks = new();
    private readonly SandboxNotes _notes;
    private readonly StrayMachines _strays;
    private FakeComputeDriver _driver = null!;

    public SandboxReconcilerTests()
    {
        var relays = new RelayOptions();
        _sessions = new SessionRegistry(_time);
        _store = new SandboxStore(_database, _time);
        _tokens = new SandboxTokens(_directory.Path, _time, GatewayOptions.DefaultSandboxTokenLifetime);
        _client = new DriverClient(new DriverSocket(_directory.File("driver.sock")), _tokens);
        var events = new SandboxEventHub(TimeProvider.System);
        var journal = new SandboxJournal(events, _time);
        _notes = new SandboxNotes(journal, NullLogger<SandboxNotes>.Instance);
        var life = new SandboxLife(new LifeOptions(), _time);
        var publisher = new StatePublisher(events, journal, new SandboxDeadlines(life, _time), _time);
        var readiness = new ReadinessController(_store, _locks, _sessions, _statuses, publisher, life);
        var broker = new RelayBroker(_sessions, new RelayTable(relays, _time), relays, _time, journal);
        var transitions = new SandboxTransitions(_client, broker, _statuses, readiness, _notes, _time);
        _lifecycle = new SandboxLifecycle(_store, _client, _locks, transitions);
        _reconciler = new SandboxReconciler(_store, _locks, _client, _statuses, readiness, transitions);
        _comparison = new DriverComparison(_store, _client, _statuses, _sessions, _reconciler, _time);
        _recovery = new StartupRecovery(_store, readiness, _reconciler, _tokens, journal, NullLogger<StartupRecovery>.Instance);
        _strays = Strays(newDatabase: false);
    }

    [SetUp]
    public async Task StartAsync() => _driver = await FakeComputeDriver.StartAsync(_directory.File("driver.sock"));

    [TearDown]
    public async Task StopAsync()
    {
        _client.Dispose();
        await _driver.DisposeAsync();
        await _database.DisposeAsync();
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task RunAsync_MissedEvent_IsMadeUpFor()
    {
        await CreateAsync(SandboxPhase.Provisioning);
        _driver.Add("a", "ProcessExited");

        await RunAsync();

        Assert.That((await FindAsync())!.Phase, Is.EqualTo(SandboxPhase.Error));
    }

    [Test]
    public async Task RunAsync_NothingNew_WritesAndAsksNothing()
    {
        await CreateAsync(SandboxPhase.Provisioning);
        _driver.Add("a");
        await RunAsync();
        var before = await FindAsync();
        _driver.Calls.Clear();

        await RunAsync();

        Assert.That((await FindAsync())!.ResourceVersion, Is.EqualTo(before!.ResourceVersion));
        Assert.That(_driver.Calls, Is.Empty);
    }

    // The answer to Get is older than the event that arrives while it is on its way.
    [Test]
    public async Task RunAsync_EventDuringTheLook_IsNotUndone()
    {
        await CreateAsync(SandboxPhase.Provisioning);
        _driver.Add("a");
        var pushed = new DriverStatus(DriverPhase.Ready, null);
        _driver.BeforeGet = () =>
        {
            _statuses.Set("a", pushed);
            return Task.CompletedTask;
        };

        await RunAsync();

        Assert.That(_statuses.Find("a"), Is.SameAs(pushed));
    }

    [TestCase(SandboxPhase.Provisioning)]
    [TestCase(SandboxPhase.Ready)]
    [TestCase(SandboxPhase.Stopped)]
    public async Task RunAsync_NoMachineWithinTheGrace_StaysAsItIs(SandboxPhase phase)
    {
        await CreateAsync(phase);
        // However old the row is: it counts from when it is seen without a machine, and the wall clock does not.
        _time.Advance(PastGrace);
        await RunAsync();
        _time.JumpWallClock(TimeSpan.FromHours(1));
        _time.Advance(DriverComparison.MissingGrace - TimeSpan.FromSeconds(1));

        await RunAsync();

        Assert.That((await FindAsync())?.Phase, Is.EqualTo(phase));
    }

    [TestCase(SandboxPhase.Provisioning)]
    [TestCase(SandboxPhase.Ready)]
    [TestCase(SandboxPhase.Unknown)]
    [TestCase(SandboxPhase.Stopped)]
    [TestCase(SandboxPhase.Starting)]
    public async Task RunAsync_NoMachineForLongerThanTheGrace_IsAnErrorAndTheRowStays(SandboxPhase phase)
    {
        await CreateAsync(phase);
        await RunAsync();
        _time.Advance(PastGrace);

        await RunAsync();

        await AssertMissingAsync();
    }

    [Test]
    public async Task RunAsync_SessionLives_RowStays()
    {
        await CreateAsync(SandboxPhase.Ready);
        using var session = new SupervisorSession("a", "boot-1", 1, "1", []);
        _sessions.Register(session);
        await RunAsync();
        _time.Advance(PastGrace);

        await RunAsync();

        Assert.That(await FindAsync(), Is.Not.Null);
    }

    [Test]
    public async Task RunAsync_MachineIsBackMeanwhile_TheGraceBeginsAnew()
    {
        await CreateAsync(SandboxPhase.Provisioning);
        await RunAsync();
        _driver.Add("a");
        await RunAsync();
        _driver.Machines.Clear();
        _time.Advance(PastGrace);

        await RunAsync();

        Assert.That(await FindAsync(), Is.Not.Null);
    }

    [Test]
    public async Task RunAsync_MachineWithoutARow_IsKeptForGood()
    {
        _driver.Add("stray");
        await RunAsync();
        _time.Advance(PastGrace);

        await RunAsync();

        Assert.That(_driver.Machines.Keys, Is.EqualTo(new[] { "stray" }));
        Assert.That(_driver.Calls, Has.None.StartsWith("stop").And.None.StartsWith("delete"));
        Assert.That(await _store.ListAllAsync(CancellationToken.None), Is.Empty, "not adopted unasked");
    }

    [Test]
    public async Task RunAsync_MachineWithoutARowInANewDatabase_BecomesAStoppedSandbox()
    {
        _driver.Add("0123456789-stray");
        await CreateAsync(SandboxPhase.Provisioning);
        _driver.Add("a");
        var strays = Strays(newDatabase: true);

        await RunAsync(strays);
        await RunAsync(strays);

        var adopted = (await _store.GetAsync("0123456789-stray", CancellationToken.None))!;
        Assert.That((adopted.Name, adopted.Workspace, adopted.Phase), Is.EqualTo(("0123456789-stray", "default", SandboxPhase.Stopped)));
        Assert.That(adopted.BootEpoch, Is.GreaterThan(1_000_000), "tokens of the lost database are worth nothing");
        Assert.That(_driver.Calls, Does.Contain("stop 0123456789-stray"));
    }

    [Test]
    public async Task RunAsync_AdoptedMachineOfAWorkspaceThatIsLost_HasItsWorkspaceAgain()
    {
        _driver.Add("b");
        _driver.Machines["b"].Workspace = "team";

        await RunAsync(Strays(newDatabase: true));

        Assert.That((await _store.GetByNameAsync("team", "b", CancellationToken.None))?.Id, Is.EqualTo("b"));
        Assert.That(
            await new Workspaces.WorkspaceStore(_database, _time).GetByNameAsync("team", CancellationToken.None), Is.Not.Null);
    }

    [Test]
    public async Task RunAsync_AdoptedMachineWhoseNameIsTaken_GetsItsIdToo()
    {
        await CreateAsync(SandboxPhase.Provisioning);
        _driver.Add("a");
        _driver.Add("0123456789");
        _driver.Machines["0123456789"].Name = (await FindAsync())!.Name;

        await RunAsync(Strays(newDatabase: true));

        var adopted = (await _store.GetAsync("0123456789", CancellationToken.None))!;
        Assert.That(adopted.Name, Is.EqualTo($"{(await FindAsync())!.Name}-01234567"));
    }

    [Test]
    public async Task ListAllAsync_RowCannotBeRead_IsAnErrorThatCanBeDeletedAndIsNotWrittenOver()
    {
        await CreateAsync(SandboxPhase.Ready);
        var row = (await _database.GetAsync("sandbox", "a", CancellationToken.None))!;
        await _database.UpdateAsync(row with { Payload = "rubbish"u8.ToArray() }, row.ResourceVersion, CancellationToken.None);
        _driver.Add("a");

        await RunAsync();

        var found = (await FindAsync())!;
        Assert.That((found.Phase, found.Ready!.Reason), Is.EqualTo((SandboxPhase.Error, "RecordUnreadable")));
        Assert.That((await _database.GetAsync("sandbox", "a", CancellationToken.None))!.Payload.ToArray(), Is.EqualTo("rubbish"u8.ToArray()));
        await _lifecycle.DeleteAsync(found, CancellationToken.None);
        Assert.That(await FindAsync(), Is.Null);
        Assert.That(_driver.Machines, Is.Empty);
    }

    [Test]
    public async Task RunAsync_DeletionWasInterrupted_IsFinished()
    {
        await CreateAsync(SandboxPhase.Deleting);
        _driver.Add("a");

        await RunAsync();

        Assert.That(await FindAsync(), Is.Null);
        Assert.That(_driver.Machines, Is.Empty);
    }

    [TestCase(SandboxPhase.Ready)]
    [TestCase(SandboxPhase.Provisioning)]
    [TestCase(SandboxPhase.Stopped)]
    public async Task ReconcileAsync_MachineGoneNobodyDeletes_IsAnError(SandboxPhase phase)
    {
        await CreateAsync(phase);

        await _reconciler.ReconcileAsync("a", ReconcileReason.MachineGone, CancellationToken.None);

        await AssertMissingAsync();
    }

    // The supervisor connects after the comparison has looked, and before the lock is had.
    [Test]
    public async Task ReconcileAsync_MachineMissingSupervisorIsBack_ChangesNothing()
    {
        await CreateAsync(SandboxPhase.Provisioning);
        using var session = new SupervisorSession("a", "instance", 1, "1", []);
        _sessions.Register(session);

        await _reconciler.ReconcileAsync("a", ReconcileReason.MachineMissing, CancellationToken.None);

        Assert.That((await FindAsync())!.Phase, Is.Not.EqualTo(SandboxPhase.Error));
    }

    [Test]
    public async Task ReconcileAsync_MachineGoneDriverStillHasIt_ChangesNothing()
    {
        await CreateAsync(SandboxPhase.Provisioning);
        _driver.Add("a");

        await _reconciler.ReconcileAsync("a", ReconcileReason.MachineGone, CancellationToken.None);

        Assert.That((await FindAsync())!.Phase, Is.EqualTo(SandboxPhase.Provisioning));
    }

    [Test]
    public async Task Recovery_StopWasInterrupted_IsFinished()
    {
        await CreateAsync(SandboxPhase.Stopping);
        _driver.Add("a");

        await _recovery.RunAsync(CancellationToken.None);

        Assert.That((await FindAsync())!.Phase, Is.EqualTo(SandboxPhase.Stopped));
        Assert.That(_driver.Calls, Does.Contain("stop a"));
    }

    [Test]
    public async Task Recovery_DeletionWasInterrupted_IsFinished()
    {
        await CreateAsync(SandboxPhase.Deleting);
        _driver.Add("a");

        await _recovery.RunAsync(CancellationToken.None);

        Assert.That(await FindAsync(), Is.Null);
    }

    private Task RunAsync(StrayMachines? strays = null) => Eventually.EndsAsync(RunBothAsync(strays ?? _strays), "the reconcile run");

    private async Task RunBothAsync(StrayMachines strays)
    {
        Assert.That((await _comparison.RunAsync(CancellationToken.None)).Succeeded(out var unknown, out var failure), Is.True, failure?.Message);
        await strays.TakeAsync(unknown!, CancellationToken.None);
    }

    private StrayMachines Strays(bool newDatabase) => new(
        SandboxRecords.Directory(_database, _store),
        _client,
        _locks,
        _notes,
        new GatewayOptions { StateDirectory = _directory.Path, Database = new DatabaseUrl((string?)null), NewDatabase = newDatabase },
        _time);

    private async Task CreateAsync(SandboxPhase phase) => Assert.That(
        await _store.CreateAsync(SandboxRecords.Create(phase: phase), CancellationToken.None), Is.EqualTo(StoreOutcome.Done));

    private Task<SandboxRecord?> FindAsync() => _store.GetAsync("a", CancellationToken.None);

    private async Task AssertMissingAsync()
    {
        var row = await FindAsync();
        Assert.That((row!.Phase, row.Ready!.Reason), Is.EqualTo((SandboxPhase.Error, "ComputeResourceMissing")));
    }
}
