using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RelayBrokerTests : IDisposable
{
    private static readonly TimeSpan SessionWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ClaimTimeout = TimeSpan.FromSeconds(10);
    private static readonly Failure NotConnected = new(FailureKind.Unavailable, "supervisor session not connected");

    private readonly ManualTimeProvider _time = new();
    private readonly SandboxEventHub _events = new();
    private readonly SessionRegistry _sessions;
    private readonly RelayTable _table;
    private readonly RelayBroker _broker;
    private readonly CancellationTokenSource _caller = new();

    public RelayBrokerTests()
    {
        var options = new RelayOptions();
        _sessions = new SessionRegistry(_time);
        _table = new RelayTable(options, _time);
        _broker = new RelayBroker(_sessions, _table, options, _time, new SandboxJournal(_events, _time));
    }

    public void Dispose() => _caller.Dispose();

    [Test]
    public async Task OpenAsync_Claimed_GivesTheRelay()
    {
        var session = Register("a");
        var opening = Open("a");
        var command = Sent(session);
        Assert.That((command.Target, command.ServiceId), Is.EqualTo((new ExecTarget(), "exec")));

        var relay = RecordingTransport.Connect(out _);
        var claim = _table.Claim(command.ChannelId, "a");
        Assert.That(claim.Pending!.TrySucceed(relay), Is.True);

        Assert.That((await EndsAsync(opening)).Succeeded(out var opened, out _), Is.True);
        Assert.That(opened, Is.SameAs(relay));
        Assert.That(_table.PendingCount, Is.Zero);
    }

    [Test]
    public async Task OpenAsync_NoSession_FailsWhenTheWaitIsOver()
    {
        var opening = Open("a");
        Assert.That(_table.PendingCount, Is.Zero, "no slot is taken before there is a session");

        _time.Advance(SessionWait);

        Assert.That(await FailureAsync(opening), Is.EqualTo(NotConnected));
    }

    [Test]
    public async Task OpenAsync_SessionArrives_SendsToIt()
    {
        var opening = Open("a");
        _time.Advance(SessionWait / 2);
        var session = Register("a");

        await Eventually.BecomesTrueAsync(() => _table.PendingCount == 1, "the open goes on");
        await Eventually.BecomesTrueAsync(() => session.Commands.Count == 1, "the open is sent");

        _broker.Fail(Sent(session).ChannelId, "a", "refused");
        await EndsAsync(opening);
    }

    [Test]
    public async Task OpenAsync_SixtyFourAtOnce_ExactlyThirtyTwoAreOpenedAndOthersUnharmed()
    {
        var session = Register("a");
        var other = Register("b");
        using var start = new SemaphoreSlim(0);
        var opening = Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            await start.WaitAsync();
            return await Open("a");
        })).ToArray();
        start.Release(64);
        await Eventually.BecomesTrueAsync(
            () => opening.Count(o => o.IsCompleted) == 32 && session.Commands.Count == 32, "half of the opens is refused and the others are sent");

        var elsewhere = Open("b");
        Assert.That(other.Commands.Count, Is.EqualTo(1));
        Assert.That(_table.PendingCount, Is.EqualTo(33));

        _broker.CloseAll(null, "enough");
        var failures = await Task.WhenAll(opening.Select(FailureAsync));
        Assert.That(failures.Count(f => f == new Failure(FailureKind.ResourceExhausted, "per-sandbox relay limit reached (32 in flight for a)")), Is.EqualTo(32));
        Assert.That(failures.Count(f => f == new Failure(FailureKind.Unavailable, "enough")), Is.EqualTo(32));
        await FailureAsync(elsewhere);
    }

    [Test]
    public async Task OpenAsync_LimitReached_SupervisorIsNotWoken()
    {
        var session = Register("a");
        var opening = Enumerable.Range(0, 32).Select(_ => Open("a")).ToList();

        Assert.That((await FailureAsync(Open("a"))).Kind, Is.EqualTo(FailureKind.ResourceExhausted));

        Assert.That(session.Commands.Count, Is.EqualTo(32));
        _broker.CloseAll("a", "enough");
        await Task.WhenAll(opening.Select(FailureAsync));
    }

    [Test]
    public async Task OpenAsync_NotClaimed_TimesOutAndFreesTheSlot()
    {
        var session = Register("a");
        var opening = Open("a");
        _time.Advance(ClaimTimeout);

        Assert.That(await FailureAsync(opening), Is.EqualTo(new Failure(FailureKind.DeadlineExceeded, "relay open timed out")));
        Assert.That(_table.PendingCount, Is.Zero);
        Assert.That(_table.Claim(Sent(session).ChannelId, "a").Outcome, Is.EqualTo(ClaimOutcome.Unknown));
    }

    [Test]
    public async Task OpenAsync_CallerCancels_FreesTheSlotBeforeItHears()
    {
        Register("a");
        var opening = Open("a");
        Assert.That(_table.PendingCount, Is.EqualTo(1));

        await _caller.CancelAsync();

        await Assert.ThatAsync(() => EndsAsync(opening), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_table.PendingCount, Is.Zero);
    }

    [Test]
    public async Task OpenAsync_CallerCancelsWhileWaitingForASession_Ends()
    {
        var opening = Open("a");

        await _caller.CancelAsync();

        await Assert.ThatAsync(() => EndsAsync(opening), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_time.ActiveTimers, Is.Zero);
    }

    [Test]
    public async Task Fail_NegativeAnswer_ReachesTheCallerAtOnce()
    {
        var session = Register("a");
        var opening = Open("a");
        var channel = Sent(session).ChannelId;

        Assert.That(_broker.Fail(channel, "b", "not yours"), Is.False);
        Assert.That(opening.IsCompleted, Is.False);
        Assert.That(_broker.Fail(channel, "a", "connection refused"), Is.True);
        Assert.That(_table.PendingCount, Is.Zero);
        Assert.That(_broker.Fail(channel, "a", "again"), Is.False);

        Assert.That(await FailureAsync(opening), Is.EqualTo(new Failure(FailureKind.Unavailable, "connection refused")));
    }

    [Test]
    public async Task Close_Pending_FailsIt()
    {
        var session = Register("a");
        var opening = Open("a");

        _broker.Close(Sent(session).ChannelId, "a", "target gone");

        Assert.That(await FailureAsync(opening), Is.EqualTo(new Failure(FailureKind.Unavailable, "target gone")));
    }

    [Test]
    public async Task Close_Active_EndsItWithTheReason()
    {
        var session = Register("a");
        var opening = Open("a");
        var channel = Sent(session).ChannelId;
        using var active = _table.Claim(channel, "a").Active!;

        _broker.Close(channel, "b", "not yours");
        Assert.That(active.EndReason, Is.Null);
        _broker.Close(channel, "a", "target gone");

        Assert.That(active.EndReason, Is.EqualTo("target gone"));
        await _caller.CancelAsync();
        Assert.That(opening.IsCompleted, Is.False);
    }

    [Test]
    public async Task Reissue_NewerSession_GetsTheSameChannel()
    {
        var old = Register("a");
        var opening = Open("a");
        var channel = Sent(old).ChannelId;

        var replacement = Register("a");
        _broker.Reissue(replacement);

        Assert.That(Sent(replacement).ChannelId, Is.EqualTo(channel));
        await SucceedAsync(opening, _table.Claim(channel, "a"));
    }

    [Test]
    public async Task Reissue_OldSessionHadAlreadyGone_SendsItToo()
    {
        var old = Register("a");
        var opening = Open("a");
        var channel = Sent(old).ChannelId;
        old.End(SessionEnd.PeerGone);
        _sessions.RemoveIfCurrent(old);

        var replacement = Register("a");
        _broker.Reissue(replacement);

        Assert.That(Sent(replacement).ChannelId, Is.EqualTo(channel));
        await SucceedAsync(opening, _table.Claim(channel, "a"));
    }

    [Test]
    public async Task Reissue_ClaimedOrOthers_AreNotSent()
    {
        var (session, other) = (Register("a"), Register("b"));
        var (claimed, elsewhere) = (Open("a"), Open("b"));
        var claim = _table.Claim(Sent(session).ChannelId, "a");

        var replacement = Register("a");
        _broker.Reissue(replacement);

        Assert.That(replacement.Commands.Count, Is.Zero);
        Assert.That(other.Commands.Count, Is.EqualTo(1));
        claim.Pending!.TryFail(NotConnected);
        _broker.CloseAll(null, "enough");
        await Task.WhenAll(FailureAsync(claimed), FailureAsync(elsewhere));
    }

    [Test]
    public async Task OpenAsync_SessionEndedWithoutSuccessor_FailsAtOnceAndFreesTheSlot()
    {
        var session = Register("a");
        session.End(SessionEnd.Silent);

        Assert.That(await FailureAsync(Open("a")), Is.EqualTo(NotConnected));
        Assert.That(_table.PendingCount, Is.Zero);
    }

    // The broker has found the old session; before its send fails, a newer one is there, has the relay and claims it.
    [TestCase(true)]
    [TestCase(false)]
    public async Task OpenAsync_SupersededWhileSending_NewerSessionGetsTheRelay(bool claimsBeforeTheSendFails)
    {
        var old = Register("a");
        while (old.Commands.Count < 1024)
        {
            old.TrySend(new CloseRelayCommand("c", "r"));
        }

        SupervisorSession? replacement = null;
        ClaimResult claim = default;
        await using var registration = old.Ended.Register(() =>
        {
            replacement = Register("a");
            _broker.Reissue(replacement);
            if (claimsBeforeTheSendFails)
            {
                claim = _table.Claim(Sent(replacement).ChannelId, "a");
            }
        });
        var opening = Open("a");
        Assert.That(old.EndReason, Is.EqualTo(SessionEnd.Stuck));
        claim = claimsBeforeTheSendFails ? claim : _table.Claim(Sent(replacement!).ChannelId, "a");

        Assert.That(replacement!.Commands.Count, Is.Zero, "the relay was sent once");
        await SucceedAsync(opening, claim);
    }

    [Test]
    public async Task CloseAll_OneSandbox_EndsItsRelaysOnly()
    {
        var (session, _) = (Register("a"), Register("b"));
        var (first, second, elsewhere) = (Open("a"), Open("a"), Open("b"));
        using var active = _table.Claim(Sent(session).ChannelId, "a").Active!;

        _broker.CloseAll("a", "the sandbox was stopped");

        Assert.That(active.EndReason, Is.EqualTo("the sandbox was stopped"));
        Assert.That(await FailureAsync(second), Is.EqualTo(new Failure(FailureKind.Unavailable, "the sandbox was stopped")));
        Assert.That((first.IsCompleted, elsewhere.IsCompleted, _table.PendingCount), Is.EqualTo((false, false, 1)));
        _broker.CloseAll(null, "the gateway is shutting down");
        Assert.That((await FailureAsync(elsewhere)).Message, Is.EqualTo("the gateway is shutting down"));
    }

    private Task<Outcome<RelayConnection>> Open(string sandboxId) =>
        _broker.OpenAsync(sandboxId, new ExecTarget(), "exec", SessionWait, _caller.Token);

    private SupervisorSession Register(string sandboxId)
    {
        var session = new SupervisorSession(sandboxId, "instance", 1, "1", []);
        Assert.That(_sessions.Register(session).Rejection, Is.Null);
        return session;
    }

    private static OpenRelayCommand Sent(SupervisorSession session)
    {
        Assert.That(session.Commands.TryRead(out var command), Is.True, "RelayOpen was sent");
        return (OpenRelayCommand)command!;
    }

    private static async Task SucceedAsync(Task<Outcome<RelayConnection>> opening, ClaimResult claim)
    {
        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));
        var relay = RecordingTransport.Connect(out _);
        Assert.That(claim.Pending!.TrySucceed(relay), Is.True, "the caller still waits");
        Assert.That((await EndsAsync(opening)).Succeeded(out var opened, out _), Is.True);
        Assert.That(opened, Is.SameAs(relay));
    }

    private static Task<Outcome<RelayConnection>> EndsAsync(Task<Outcome<RelayConnection>> opening) =>
        Eventually.EndsAsync(opening, "the open");

    private static async Task<Failure> FailureAsync(Task<Outcome<RelayConnection>> opening)
    {
        Assert.That((await EndsAsync(opening)).Succeeded(out _, out var failure), Is.False);
        return failure!;
    }
}
