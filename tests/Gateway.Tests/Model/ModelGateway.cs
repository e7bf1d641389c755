using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Model;

/// <summary>
/// The registry, the table, the broker, the locks and the readiness controller as they are, and around them the flows
/// that use them, in the order of SupervisorSessionHandler, RelayStreamEndpoint and SandboxTransitions, with an await wherever those
/// wait for a stream, a driver or the store.
/// </summary>
internal sealed class ModelGateway : IDisposable
{
    public static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(15);
    public static readonly string[] SandboxIds = ["s0", "s1"];

    private readonly ReadinessController _readiness;
    private readonly SandboxLocks _locks = new();
    private readonly DriverStatusCache _statuses = new();

    public ModelGateway()
    {
        Registry = new SessionRegistry(Time);
        Table = new RelayTable(Options, Time);
        var events = new SandboxEventHub(TimeProvider.System);
        var journal = new SandboxJournal(events, Time);
        Broker = new RelayBroker(Registry, Table, Options, Time, journal);
        Sandboxes = new SandboxStore(new ModelStore(), Time);
        var life = new SandboxLife(new LifeOptions(), Time);
        _readiness = new ReadinessController(
            Sandboxes, _locks, Registry, _statuses, new StatePublisher(events, journal, new SandboxDeadlines(life, Time), Time), life);
        foreach (var id in SandboxIds)
        {
            Start(() => Sandboxes.CreateAsync(SandboxRecords.Create(id), CancellationToken.None));
            while (Interleaver.Ready > 0)
            {
                Interleaver.Run(0);
            }
        }

        // Whoever waits sets a timer.
        Time.TimerSet = timer => Opens.Single(o => o.Actor == Interleaver.Current).Timer = timer;
    }

    // Small, so that runs of a few dozen steps meet them.
    public RelayOptions Options { get; } = new() { MaxPending = 4, MaxPendingPerSandbox = 3, MaxActive = 3, MaxActivePerSandbox = 2 };

    public Interleaver Interleaver { get; } = new();

    public ModelTime Time { get; } = new();

    public SessionRegistry Registry { get; }

    public RelayTable Table { get; }

    public RelayBroker Broker { get; }

    public SandboxStore Sandboxes { get; }

    public List<SupervisorSession> Sessions { get; } = [];

    /// <summary>The channels that each session was told to connect.</summary>
    public Dictionary<SupervisorSession, List<string>> Sent { get; } = [];

    public List<ModelOpen> Opens { get; } = [];

    public List<ModelRelay> Relays { get; } = [];

    /// <summary>Every flow that was started.</summary>
    public List<Task> Flows { get; } = [];

    /// <summary>Boot epoch of each sandbox's newest token.</summary>
    public Dictionary<string, int> Epochs { get; } = SandboxIds.ToDictionary(id => id, _ => 1);

    public bool Stopping { get; private set; }

    /// <summary>Nothing else may happen where the clock is looked at: the table's lock is held.</summary>
    public bool Locked { get; private set; }

    public void Dispose()
    {
        Sessions.ForEach(s => s.Dispose());
        Opens.ForEach(o => o.Dispose());
    }

    // SupervisorSessionHandler.ServeAsync, from the registration on.
    public void Dial(string sandboxId, int epoch) => Start(async () =>
    {
        await Task.Yield();
        var session = new SupervisorSession(sandboxId, $"boot-{epoch}", epoch, "1", []);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var ended = session.Ended.Register(() => lost.TrySetResult());
        if (Registry.Register(session).Rejection is not null)
        {
            session.Dispose();
            return;
        }

        Sessions.Add(session);
        Sent.Add(session, []);
        Wake(sandboxId);
        await Task.Yield();
        Broker.Reissue(session);
        await _readiness.ReevaluateAsync(sandboxId, CancellationToken.None);
        await lost.Task;
        if (Registry.RemoveIfCurrent(session) || session.EndReason == SessionEnd.Disconnected)
        {
            await _readiness.ReevaluateAsync(sandboxId, CancellationToken.None);
        }
    });

    public void Open(string sandboxId)
    {
        var open = new ModelOpen(sandboxId, $"open-{Opens.Count}");
        Opens.Add(open);
        Start(async () =>
        {
            open.Actor = Interleaver.Current;
            open.Task = Broker.OpenAsync(sandboxId, new ExecTarget(), open.Name, SessionWait, open.Caller.Token);
            await ((Task)open.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        });
    }

    // RelayStreamEndpoint.ServeAsync.
    public void Claim(string channelId, string sandboxId) => Start(async () =>
    {
        await Task.Yield();
        var claim = ClaimNow(channelId, sandboxId);
        if (claim.Active is null)
        {
            claim.Pending?.TryFail(new Failure(FailureKind.DeadlineExceeded, "too late"));
            return;
        }

        var relay = new ModelRelay(claim.Pending!, claim.Active);
        Relays.Add(relay);
        using var ended = claim.Active.Ended.Register(() => relay.Over.TrySetResult());
        await Task.Yield();
        relay.Connection = RecordingTransport.Connect(out var transport);
        relay.Transport = transport;
        relay.Delivered = relay.Pending.TrySucceed(relay.Connection);
        if (relay.Delivered)
        {
            await relay.Over.Task;
        }

        Table.RemoveActive(relay.Active);
    });

    public ClaimResult ClaimNow(string channelId, string sandboxId)
    {
        Locked = true;
        try
        {
            return Table.Claim(channelId, sandboxId);
        }
        finally
        {
            Locked = false;
        }
    }

    // SandboxLifecycle.StopAsync.
    public void StopSandbox(string sandboxId) => Start(async () =>
    {
        using var held = await _locks.EnterAsync(sandboxId, CancellationToken.None);
        var current = (await Sandboxes.GetAsync(sandboxId, CancellationToken.None))!;
        if (current.Phase is not (SandboxPhase.Ready or SandboxPhase.Provisioning or SandboxPhase.Starting))
        {
            return;
        }

        await _readiness.ChangeLockedAsync(sandboxId, r => r with { Phase = SandboxPhase.Stopping }, CancellationToken.None);
        Registry.Disconnect(sandboxId, current.BootEpoch + 1);
        Broker.CloseAll(sandboxId, "the sandbox was stopped");
        await Task.Yield();
        await _readiness.ChangeLockedAsync(sandboxId, r => r with { Phase = SandboxPhase.Stopped }, CancellationToken.None);
    });

    // SandboxLifecycle.StartAsync.
    public void StartSandbox(string sandboxId) => Start(async () =>
    {
        using var held = await _locks.EnterAsync(sandboxId, CancellationToken.None);
        if ((await Sandboxes.GetAsync(sandboxId, CancellationToken.None))!.Phase != SandboxPhase.Stopped)
        {
            return;
        }

        _statuses.Remove(sandboxId);
        var starting = await _readiness.ChangeLockedAsync(
            sandboxId, r => r with { Phase = SandboxPhase.Starting, BootEpoch = r.BootEpoch + 1, Run = r.Run + 1 }, CancellationToken.None);
        await Task.Yield();
        Epochs[sandboxId] = starting!.BootEpoch;
    });

    public void Snapshot(string sandboxId, DriverPhase phase) =>
        Start(() => _readiness.SetDriverStatusAsync(sandboxId, new DriverStatus(phase, null), CancellationToken.None));

    public void StopGateway()
    {
        Registry.Stop();
        Stopping = true;
        Array.ForEach(SandboxIds, Wake);
        Broker.CloseAll(null, "the gateway is shutting down");
    }

    private void Wake(string sandboxId)
    {
        foreach (var open in Opens.Where(o => o.SandboxId == sandboxId && o.WaitsForSession))
        {
            open.Woken = true;
        }
    }

    private void Start(Func<Task> flow) => Flows.Add(Interleaver.Start(flow));
}
