using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

/// <summary>Opening relays, and every way in which that ends.</summary>
public sealed class RelayBrokerTests : RelayBrokerTest
{
    [Test]
    public async Task OpenAsync_Claimed_GivesTheRelay()
    {
        var session = Register("a");
        var opening = Open("a");
        var command = Sent(session);
        Assert.That((command.Target, command.ServiceId), Is.EqualTo((new ExecTarget(), "exec")));

        var relay = RecordingTransport.Connect(out _);
        var claim = Table.Claim(command.ChannelId, "a");
        Assert.That(claim.Pending!.TrySucceed(relay), Is.True);

        Assert.That((await EndsAsync(opening)).Succeeded(out var opened, out _), Is.True);
        Assert.That(opened, Is.SameAs(relay));
        Assert.That(Table.PendingCount, Is.Zero);
    }

    [Test]
    public async Task OpenAsync_NoSession_FailsWhenTheWaitIsOver()
    {
        var opening = Open("a");
        Assert.That(Table.PendingCount, Is.Zero, "no slot is taken before there is a session");

        Time.Advance(SessionWait);

        Assert.That(await FailureAsync(opening), Is.EqualTo(NotConnected));
    }

    [Test]
    public async Task OpenAsync_TargetThatTheSupervisorDoesNotKnow_IsNotSent()
    {
        var session = Register("a");

        var opening = Broker.OpenAsync("a", new ListenTarget("localhost", 0, "id"), "ssh", SessionWait, Caller.Token);

        var failure = await FailureAsync(opening);
        Assert.That(failure.Message, Does.StartWith("the sandbox's supervisor is too old for 'listen'"));
        Assert.That(session.Commands.Count, Is.Zero);
    }

    [Test]
    public async Task OpenAsync_SessionArrives_SendsToIt()
    {
        var opening = Open("a");
        Time.Advance(SessionWait / 2);
        var session = Register("a");

        await Eventually.BecomesTrueAsync(() => Table.PendingCount == 1, "the open goes on");
        await Eventually.BecomesTrueAsync(() => session.Commands.Count == 1, "the open is sent");

        Broker.Fail(Sent(session).ChannelId, "a", "refused");
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
        Assert.That(Table.PendingCount, Is.EqualTo(33));

        Broker.CloseAll(null, "enough");
        var failures = await Task.WhenAll(opening.Select(FailureAsync));
        Assert.That(failures.Count(f => f == new Failure(FailureKind.ResourceExhausted, "per-sandbox relay limit reached (32 in flight for a; --max-pending-relays-per-sandbox)")), Is.EqualTo(32));
        Assert.That(failures.Count(f => f == RelayFailures.Dropped("enough")), Is.EqualTo(32));
        await FailureAsync(elsewhere);
    }

    [Test]
    public async Task OpenAsync_LimitReached_SupervisorIsNotWoken()
    {
        var session = Register("a");
        var opening = Enumerable.Range(0, 32).Select(_ => Open("a")).ToList();

        Assert.That((await FailureAsync(Open("a"))).Kind, Is.EqualTo(FailureKind.ResourceExhausted));

        Assert.That(session.Commands.Count, Is.EqualTo(32));
        Broker.CloseAll("a", "enough");
        await Task.WhenAll(opening.Select(FailureAsync));
    }

    [Test]
    public async Task OpenAsync_NotClaimed_TimesOutAndFreesTheSlot()
    {
        var session = Register("a");
        var opening = Open("a");
        Time.Advance(ClaimTimeout);

        Assert.That(await FailureAsync(opening), Is.EqualTo(RelayOptions.NotClaimed));
        Assert.That(Table.PendingCount, Is.Zero);
        Assert.That(Table.Claim(Sent(session).ChannelId, "a").Outcome, Is.EqualTo(ClaimOutcome.Unknown));
    }

    [Test]
    public async Task OpenAsync_CallerCancels_FreesTheSlotBeforeItHears()
    {
        Register("a");
        var opening = Open("a");
        Assert.That(Table.PendingCount, Is.EqualTo(1));

        await Caller.CancelAsync();

        await Assert.ThatAsync(() => EndsAsync(opening), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Table.PendingCount, Is.Zero);
    }

    [Test]
    public async Task OpenAsync_CallerCancelsWhileWaitingForASession_Ends()
    {
        var opening = Open("a");

        await Caller.CancelAsync();

        await Assert.ThatAsync(() => EndsAsync(opening), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Time.ActiveTimers, Is.Zero);
    }

    [Test]
    public async Task Fail_NegativeAnswer_ReachesTheCallerAtOnce()
    {
        var session = Register("a");
        var opening = Open("a");
        var channel = Sent(session).ChannelId;

        Assert.That(Broker.Fail(channel, "b", "not yours"), Is.False);
        Assert.That(opening.IsCompleted, Is.False);
        Assert.That(Broker.Fail(channel, "a", "connection refused"), Is.True);
        Assert.That(Table.PendingCount, Is.Zero);
        Assert.That(Broker.Fail(channel, "a", "again"), Is.False);

        Assert.That(await FailureAsync(opening), Is.EqualTo(new Failure(FailureKind.Unavailable, "connection refused")));
    }

    [Test]
    public async Task Close_Pending_FailsIt()
    {
        var session = Register("a");
        var opening = Open("a");

        Broker.Close(Sent(session).ChannelId, "a", "target gone");

        Assert.That(await FailureAsync(opening), Is.EqualTo(new Failure(FailureKind.Unavailable, "target gone")));
    }

    [Test]
    public async Task Close_Active_ItLearnsTheReasonAndIsNotCut()
    {
        var session = Register("a");
        var opening = Open("a");
        var channel = Sent(session).ChannelId;
        using var active = Table.Claim(channel, "a").Active!;

        Broker.Close(channel, "b", "not yours");
        Assert.That(active.CloseReason, Is.Null);
        Broker.Close(channel, "a", "target gone");

        Assert.That((active.CloseReason, active.EndReason), Is.EqualTo(("target gone", (string?)null)));
        await Caller.CancelAsync();
        Assert.That(opening.IsCompleted, Is.False);
    }

    [Test]
    public async Task OpenAsync_SessionEndedWithoutSuccessor_FailsAtOnceAndFreesTheSlot()
    {
        var session = Register("a");
        session.End(SessionEnd.Silent);

        Assert.That(await FailureAsync(Open("a")), Is.EqualTo(NotConnected));
        Assert.That(Table.PendingCount, Is.Zero);
    }

    [Test]
    public async Task CloseAll_OneSandbox_EndsItsRelaysOnly()
    {
        var (session, _) = (Register("a"), Register("b"));
        var (first, second, elsewhere) = (Open("a"), Open("a"), Open("b"));
        using var active = Table.Claim(Sent(session).ChannelId, "a").Active!;

        Broker.CloseAll("a", "the sandbox was stopped");

        Assert.That(active.EndReason, Is.EqualTo("the sandbox was stopped"));
        Assert.That(await FailureAsync(second), Is.EqualTo(RelayFailures.Dropped("the sandbox was stopped")));
        Assert.That((first.IsCompleted, elsewhere.IsCompleted, Table.PendingCount), Is.EqualTo((false, false, 1)));
        Broker.CloseAll(null, "the gateway is shutting down");
        Assert.That((await FailureAsync(elsewhere)).Message, Is.EqualTo("relay channel dropped: the gateway is shutting down"));
    }
}
