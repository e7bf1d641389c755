using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Concurrency;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Services;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>
/// The inside of a gateway, without listeners and with a driver of the test's, in which every side of a race can be held
/// at a known place: the store's reads and writes, the driver's answers, messages to a supervisor, a sandbox's gate, time.
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
        Readiness = new ReadinessController(Sandboxes, Gates, Sessions, Backends, Events, Time);
        Broker = new RelayBroker(Sessions, Relays, Options, Time, Readiness.Journal);
        // Not the first start: the key is there already.
        new SandboxTokens(directory.Path, Time, GatewayOptions.DefaultSandboxTokenLifetime).Dispose();
        Tokens = new SandboxTokens(directory.Path, Time, GatewayOptions.DefaultSandboxTokenLifetime);
        _clock = new SessionClock(new SupervisorSessionOptions(TimeSpan.FromSeconds(15)), Time);
        Client = new ComputeClient(new ComputeSocket(directory.File("driver.sock")));
        Live = new LiveSandboxes(Gates, Backends, Sessions, Broker, Readiness);
        Creator = new SandboxCreator(Sandboxes, Client, Tokens, Live, Time, NullLogger<SandboxCreator>.Instance);
        Lifecycle = new SandboxLifecycle(Sandboxes, Client, Live, Tokens, Time, NullLogger<SandboxLifecycle>.Instance);
        Supervisors = new SupervisorApi(
            Sandboxes, Live, Tokens, _clock, Time, NullLogger<SupervisorApi>.Instance);
    }

    public ManualTimeProvider Time { get; } = new();

    public FakeComputeDriver Driver { get; }

    public ComputeClient Client { get; }

    public SandboxTokens Tokens { get; }

    public LiveSandboxes Live { get; }

    public InterceptedStore Store { get; }

    public SandboxStore Sandboxes { get; }

    public KeyedSemaphore Gates { get; } = new();

    public BackendTable Backends { get; } = new();

    public SandboxEventHub Events { get; } = new();

    public SessionRegistry Sessions { get; }

    public RelayOptions Options { get; } = new();

    public RelayTable Relays { get; }

    public RelayBroker Broker { get; }

    public ReadinessController Readiness { get; }

    public SandboxCreator Creator { get; }

    public SandboxLifecycle Lifecycle { get; }

    public SupervisorApi Supervisors { get; }

    public static async Task<RaceGateway> StartAsync()
    {
        var directory = new TestDirectory();
        var gateway = new RaceGateway(await FakeComputeDriver.StartAsync(directory.File("driver.sock")), directory);
        await gateway._clock.StartAsync(CancellationToken.None);
        return gateway;
    }

    /// <summary>The clock that the sessions' beats come from; it has a session once its loop runs.</summary>
    public SessionClock Clock => _clock;

    /// <summary>Stores a sandbox, with a machine.</summary>
    public async Task<SandboxRecord> AddSandboxAsync(string id = "a", SandboxPhase phase = SandboxPhase.Provisioning)
    {
        Assert.That(await Sandboxes.CreateAsync(SandboxRecords.Create(id, phase), CancellationToken.None), Is.EqualTo(StoreOutcome.Done));
        Events.Logs.Open(id);
        Driver.Add(id);
        return (await Sandboxes.GetAsync(id, CancellationToken.None))!;
    }

    public async Task<SandboxRecord> GetAsync() => (await Sandboxes.GetAsync("a", CancellationToken.None))!;

    public Task<Outcome<SandboxRecord>> CreateAsync() => Creator.CreateAsync(
        new SandboxCreation("box", "default", ImmutableDictionary<string, string>.Empty, ImmutableDictionary<string, string>.Empty, Array.Empty<byte>()),
        CancellationToken.None);

    public FakeSupervisor Dial(string sandboxId = "a", int epoch = 1, string instance = "boot-1") =>
        FakeSupervisor.Dial(Supervisors, sandboxId, epoch, instance);

    /// <summary>A supervisor whose session stands and whose sandbox is Ready.</summary>
    public async Task<FakeSupervisor> ConnectAsync(string instance = "boot-1")
    {
        var supervisor = Dial(instance: instance);
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
