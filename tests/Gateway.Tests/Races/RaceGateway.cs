using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Services;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Supervisors;
using OpenShell.Gateway.Watch;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>
/// The inside of a gateway, without listeners and with a driver of the test's, in which every side of a race can be held
/// at a known place: the store's reads and writes, the driver's answers, messages to a supervisor, a sandbox's lock, time.
/// </summary>
internal sealed class RaceGateway : IAsyncDisposable
{
    public static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(15);

    private readonly TestDirectory _directory;
    private readonly SqliteStore _database = new(new DatabaseUrl((string?)null));
    private readonly SessionClock _clock;

    private RaceGateway(FakeComputeDriver driver, TestDirectory directory)
    {
        (Driver, _directory) = (driver, directory);
        Store = new InterceptedStore(_database);
        Sandboxes = new SandboxStore(Store, Time);
        Sessions = new SessionRegistry(Time);
        Relays = new RelayTable(Options, Time);
        Journal = new SandboxJournal(Events, Time);
        Life = new SandboxLife(new LifeOptions(), Time);
        Deadlines = new SandboxDeadlines(Life, Time);
        Readiness = new ReadinessController(Sandboxes, Locks, Sessions, DriverStatuses, new StatePublisher(Events, Journal, Deadlines, Time), Life);
        Broker = new RelayBroker(Sessions, Relays, Options, Time, Journal);
        // Not the first start: the key is there already.
        new SandboxTokens(directory.Path, Time, GatewayOptions.DefaultSandboxTokenLifetime).Dispose();
        Tokens = new SandboxTokens(directory.Path, Time, GatewayOptions.DefaultSandboxTokenLifetime);
        _clock = new SessionClock(new SupervisorSessionOptions(TimeSpan.FromSeconds(15)), Time);
        Client = new DriverClient(new DriverSocket(directory.File("driver.sock")), Tokens);
        Notes = new SandboxNotes(Journal, NullLogger<SandboxNotes>.Instance);
        Workspaces = new WorkspaceStore(Store, Time);
        WorkspaceDirectory = new WorkspaceDirectory(Workspaces, Time);
        Directory = new SandboxDirectory(Sandboxes, WorkspaceDirectory);
        Creator = new SandboxCreator(Directory, Client, Locks, Readiness, Notes, Time);
        var transitions = new SandboxTransitions(Client, Broker, DriverStatuses, Readiness, Notes, Time);
        Timekeeper = new SandboxTimekeeper(Sandboxes, Locks, Readiness, transitions, Deadlines);
        Lifecycle = new SandboxLifecycle(Sandboxes, Client, Locks, transitions);
        Access = new SshAccessStore(Store, Time);
        WorkspaceLifecycle = new WorkspaceLifecycle(
            Workspaces,
            WorkspaceDirectory,
            Client,
            new SshAccessReaper(Access, Sandboxes, new SshAccessOptions(), Time, NullLogger<SshAccessReaper>.Instance),
            Time,
            NullLogger<WorkspaceLifecycle>.Instance);
        Reconciler = new SandboxReconciler(Sandboxes, Locks, Client, DriverStatuses, Readiness, transitions);
        Comparison = new DriverComparison(Sandboxes, Client, DriverStatuses, Sessions, Reconciler, Time);
        Recovery = new StartupRecovery(Sandboxes, Readiness, Reconciler, Tokens, Journal, NullLogger<StartupRecovery>.Instance);
        var admission = new SupervisorAdmission(Sandboxes, Time);
        var sessions = new SupervisorSessionHandler(
            admission, Sessions, Broker, Readiness, new SessionLoops(Broker, Tokens, _clock, Time), new SessionNotes(Journal, Time, NullLogger<SessionNotes>.Instance));
        Supervisors = new SupervisorApi(sessions, admission, Readiness, Tokens, Time);
    }

    public ManualTimeProvider Time { get; } = new();

    public FakeComputeDriver Driver { get; }

    public DriverClient Client { get; }

    public SandboxTokens Tokens { get; }

    public SandboxJournal Journal { get; }

    public SandboxNotes Notes { get; }

    public SandboxReconciler Reconciler { get; }

    public DriverComparison Comparison { get; }

    public StartupRecovery Recovery { get; }

    public InterceptedStore Store { get; }

    public SandboxStore Sandboxes { get; }

    public WorkspaceStore Workspaces { get; }

    public WorkspaceDirectory WorkspaceDirectory { get; }

    public SandboxDirectory Directory { get; }

    public WorkspaceLifecycle WorkspaceLifecycle { get; }

    public SshAccessStore Access { get; }

    public SandboxLocks Locks { get; } = new();

    public DriverStatusCache DriverStatuses { get; } = new();

    public SandboxEventHub Events { get; } = new(TimeProvider.System);

    public SessionRegistry Sessions { get; }

    public RelayOptions Options { get; } = new();

    public RelayTable Relays { get; }

    public RelayBroker Broker { get; }

    public ReadinessController Readiness { get; }

    public SandboxCreator Creator { get; }

    public SandboxLifecycle Lifecycle { get; }

    public SandboxLife Life { get; }

    public SandboxDeadlines Deadlines { get; }

    public SandboxTimekeeper Timekeeper { get; }

    public SupervisorApi Supervisors { get; }

    public static async Task<RaceGateway> StartAsync()
    {
        var directory = new TestDirectory();
        var gateway = new RaceGateway(await FakeComputeDriver.StartAsync(directory.File("driver.sock")), directory);
        await gateway._clock.StartAsync(CancellationToken.None);
        await gateway.WorkspaceDirectory.EnsureAsync(WorkspaceRecord.Default, CancellationToken.None);
        return gateway;
    }

    /// <summary>The clock that the sessions' beats come from; it has a session once its loop runs.</summary>
    public SessionClock Clock => _clock;

    /// <summary>Stores a sandbox, with a machine.</summary>
    public async Task<SandboxRecord> AddSandboxAsync(string id = "a", SandboxPhase phase = SandboxPhase.Provisioning)
    {
        Assert.That(await Sandboxes.CreateAsync(SandboxRecords.Create(id, phase), CancellationToken.None), Is.EqualTo(StoreOutcome.Done));
        Events.Open(id);
        Driver.Add(id);
        return (await Sandboxes.GetAsync(id, CancellationToken.None))!;
    }

    public async Task<SandboxRecord> GetAsync() => (await Sandboxes.GetAsync("a", CancellationToken.None))!;

    public Task<Outcome<SandboxRecord>> CreateAsync(string workspace = "default") => Creator.CreateAsync(
        new CreateSandboxArguments("box", workspace, ImmutableDictionary<string, string>.Empty, ImmutableDictionary<string, string>.Empty, Array.Empty<byte>()),
        CancellationToken.None);

    public FakeSupervisor Dial(string sandboxId = "a", int epoch = 1, string instance = "boot-1", params string[] features) =>
        FakeSupervisor.Dial(Supervisors, sandboxId, epoch, instance, features: features);

    /// <summary>A supervisor whose session stands and whose sandbox is Ready.</summary>
    public async Task<FakeSupervisor> ConnectAsync(string instance = "boot-1", params string[] features)
    {
        var supervisor = Dial(instance: instance, features: features);
        await supervisor.AcceptedAsync();
        await BecomesAsync(SandboxPhase.Ready);
        return supervisor;
    }

    public Task<Outcome<RelayConnection>> OpenAsync(CancellationToken cancellationToken = default) =>
        Broker.OpenAsync("a", new ExecTarget(), "exec", SessionWait, cancellationToken);

    public Task BecomesAsync(SandboxPhase phase, string sandboxId = "a") => Eventually.BecomesTrueAsync(
        async () => (await Sandboxes.GetAsync(sandboxId, CancellationToken.None))?.Phase == phase, () => $"sandbox {sandboxId} becomes {phase}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Everything that still runs ends here, so that no test leaves a task behind.
        Sessions.Stop();
        Broker.CloseAll(null, "the test is over");
        _clock.Dispose();
        Client.Dispose();
        await Driver.DisposeAsync();
        await _database.DisposeAsync();
        Tokens.Dispose();
        _directory.Dispose();
    }
}
