using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Relays;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>The caller gives up while the supervisor claims the relay.</summary>
internal sealed class CancelAgainstClaim : RaceTest
{
    private readonly CancellationTokenSource _caller = new();

    [TearDown]
    public void DisposeCaller() => _caller.Dispose();

    [Test]
    public async Task Cancel_First_ClaimFindsNothing()
    {
        var session = Register();
        var opening = Gateway.OpenAsync(_caller.Token);
        var channel = SentTo(session);

        await _caller.CancelAsync();
        await AssertGaveUpAsync(opening);

        Assert.That(Gateway.Relays.Claim(channel, "a").Outcome, Is.EqualTo(ClaimOutcome.Unknown));
        AssertNoSlotIsTaken();
    }

    [Test]
    public async Task Claim_FirstThenCancel_RelayIsAbortedAndDisposed()
    {
        var session = Register();
        var opening = Gateway.OpenAsync(_caller.Token);
        var claim = Gateway.Relays.Claim(SentTo(session), "a");

        await _caller.CancelAsync();
        Assert.That(opening.IsCompleted, Is.False, "the claim has won: its result decides");
        claim.Pending!.TrySucceed(RecordingTransport.Connect(out var transport));

        await AssertGaveUpAsync(opening);
        Assert.That(transport.Calls, Is.EqualTo(new[] { "abort", "close reset" }));
    }

    // The claim's stream breaks before it can be handed over.
    [Test]
    public async Task Claim_FirstThenCancelThenTheStreamBreaks_CallerIsNotLeftWaiting()
    {
        var session = Register();
        var opening = Gateway.OpenAsync(_caller.Token);
        var claim = Gateway.Relays.Claim(SentTo(session), "a");
        await _caller.CancelAsync();

        claim.Pending!.TryFail(new Failure(FailureKind.Unavailable, "broken"));
        Gateway.Relays.RemoveActive(claim.Active!);

        Assert.That((await FailureAsync(opening)).Message, Is.EqualTo("broken"));
        AssertNoSlotIsTaken();
    }

    // The claim comes inside the cancellation, before the caller's wait has noticed.
    [Test]
    public async Task Cancel_ClaimInTheMiddleOfIt_ClaimWins()
    {
        var session = Register();
        var opening = Gateway.OpenAsync(_caller.Token);
        ClaimResult claim = default;
        // Callbacks run last registered first.
        await using var registration = _caller.Token.Register(() => claim = Gateway.Relays.Claim(SentTo(session), "a"));

        await _caller.CancelAsync();

        Assert.That(claim.Outcome, Is.EqualTo(ClaimOutcome.Claimed));
        claim.Pending!.TrySucceed(RecordingTransport.Connect(out var transport));
        await AssertGaveUpAsync(opening);
        Assert.That(transport.Calls, Is.EqualTo(new[] { "abort", "close reset" }));
        Assert.That(Gateway.Relays.PendingCount, Is.Zero);
    }

    private static Task AssertGaveUpAsync(Task<Outcome<RelayConnection>> opening) =>
        Assert.ThatAsync(() => Eventually.EndsAsync(opening, "the open"), Throws.InstanceOf<OperationCanceledException>());
}
