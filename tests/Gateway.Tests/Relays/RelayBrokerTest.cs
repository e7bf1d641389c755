using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

/// <summary>A broker over a real registry and table, with no connection behind them.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public abstract class RelayBrokerTest : IDisposable
{
    private protected static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(15);
    private protected static readonly TimeSpan ClaimTimeout = TimeSpan.FromSeconds(10);
    private protected static readonly Failure NotConnected = new(FailureKind.Unavailable, "supervisor session not connected");

    private readonly SandboxEventHub _events = new(TimeProvider.System);

    protected RelayBrokerTest()
    {
        var options = new RelayOptions();
        Sessions = new SessionRegistry(Time);
        Table = new RelayTable(options, Time);
        Broker = new RelayBroker(Sessions, Table, options, Time, new SandboxJournal(_events, Time));
    }

    private protected ManualTimeProvider Time { get; } = new();

    private protected SessionRegistry Sessions { get; }

    private protected RelayTable Table { get; }

    private protected RelayBroker Broker { get; }

    private protected CancellationTokenSource Caller { get; } = new();

    public void Dispose()
    {
        Caller.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<Outcome<RelayConnection>> Open(string sandboxId) =>
        Broker.OpenAsync(sandboxId, new ExecTarget(), "exec", SessionWait, Caller.Token);

    private protected SupervisorSession Register(string sandboxId)
    {
        var session = new SupervisorSession(sandboxId, "instance", 1, "1", []);
        Assert.That(Sessions.Register(session).Rejection, Is.Null);
        return session;
    }

    private protected static OpenRelayCommand Sent(SupervisorSession session)
    {
        Assert.That(session.Commands.TryRead(out var command), Is.True, "RelayOpen was sent");
        return (OpenRelayCommand)command!;
    }

    private protected static async Task SucceedAsync(Task<Outcome<RelayConnection>> opening, ClaimResult claim)
    {
        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));
        var relay = RecordingTransport.Connect(out _);
        Assert.That(claim.Pending!.TrySucceed(relay), Is.True, "the caller still waits");
        Assert.That((await EndsAsync(opening)).Succeeded(out var opened, out _), Is.True);
        Assert.That(opened, Is.SameAs(relay));
    }

    private protected static Task<Outcome<RelayConnection>> EndsAsync(Task<Outcome<RelayConnection>> opening) =>
        Eventually.EndsAsync(opening, "the open");

    private protected static async Task<Failure> FailureAsync(Task<Outcome<RelayConnection>> opening)
    {
        Assert.That((await EndsAsync(opening)).Succeeded(out _, out var failure), Is.False);
        return failure!;
    }
}
