using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Relays;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Races;

/// <summary>The supervisor claims a relay at the moment when its time is over.</summary>
internal sealed class ClaimAgainstReap : RaceTest
{
    [Test]
    public async Task Claim_WinsAndTheTimeIsOverBeforeItIsDelivered_CallerGetsTheRelay()
    {
        var session = Register();
        var opening = Gateway.OpenAsync();
        var claim = Gateway.Relays.Claim(SentTo(session), "a");

        Gateway.Time.Advance(Gateway.Options.ClaimTimeout * 2);
        Assert.That(opening.IsCompleted, Is.False, "the claim has won: its result decides");
        var relay = RecordingTransport.Connect(out _);
        Assert.That(claim.Pending!.TrySucceed(relay), Is.True);

        Assert.That(await RelayAsync(opening), Is.SameAs(relay));
        Gateway.Relays.RemoveActive(claim.Active!);
        AssertNoSlotIsTaken();
    }

    [Test]
    public async Task Reap_Wins_ClaimFindsNothing()
    {
        var session = Register();
        var opening = Gateway.OpenAsync();
        Gateway.Time.Advance(Gateway.Options.ClaimTimeout);

        Assert.That(Gateway.Relays.Claim(SentTo(session), "a").Outcome, Is.EqualTo(ClaimOutcome.Unknown));

        Assert.That(await FailureAsync(opening), Is.EqualTo(RelayOptions.NotClaimed));
        AssertNoSlotIsTaken();
    }

    // Both are due at the same moment, and the claim's turn comes first.
    [Test]
    public async Task Claim_AtTheMomentOfTheReap_Wins()
    {
        var session = Register();
        ClaimResult claim = default;
        await using var claiming = Gateway.Time.CreateTimer(
            _ => claim = Gateway.Relays.Claim(SentTo(session), "a"), null, Gateway.Options.ClaimTimeout, Timeout.InfiniteTimeSpan);
        var opening = Gateway.OpenAsync();

        Gateway.Time.Advance(Gateway.Options.ClaimTimeout);

        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));
        Assert.That(opening.IsCompleted, Is.False);
        claim.Pending!.TrySucceed(RecordingTransport.Connect(out _));
        await RelayAsync(opening);
        Assert.That((Gateway.Relays.PendingCount, Gateway.Relays.ActiveCount), Is.EqualTo((0, 1)));
    }

    // A busy machine fires timers late: the claim comes after the deadline and before the reap.
    [Test]
    public async Task Claim_AfterTheDeadlineBeforeTheReap_IsRefusedAndTheCallerHearsOnce()
    {
        var session = Register();
        var opening = Gateway.OpenAsync();
        Gateway.Time.HoldTimers = true;
        Gateway.Time.Advance(Gateway.Options.ClaimTimeout + TimeSpan.FromTicks(1));

        var claim = Gateway.Relays.Claim(SentTo(session), "a");
        Assert.That((claim.Outcome, opening.IsCompleted), Is.EqualTo((ClaimOutcome.Expired, false)));
        Assert.That(claim.Pending!.TryFail(new Failure(FailureKind.DeadlineExceeded, "too late")), Is.True);
        Gateway.Time.HoldTimers = false;
        Gateway.Time.Advance(TimeSpan.Zero);

        Assert.That((await FailureAsync(opening)).Kind, Is.EqualTo(FailureKind.DeadlineExceeded));
        AssertNoSlotIsTaken();
    }
}
