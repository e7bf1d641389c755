using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>A sandbox is stopped while somebody opens a relay into it.</summary>
internal sealed class StopAgainstOpen : RaceTest
{
    private readonly SyncPoint _machine = new();

    [Test]
    public async Task Open_StopWhileItWaitsForItsClaim_FailsWithTheReasonBeforeTheMachineIsOff()
    {
        var supervisor = await StartAsync();
        var opening = Gateway.OpenAsync();
        var channel = (await supervisor.Streams.NextAsync("RelayOpen")).RelayOpen.ChannelId;
        var stopping = await StopAsync();

        Assert.That(await FailureAsync(opening), Is.EqualTo(RelayFailures.Dropped("the sandbox was stopped")));
        Assert.That(Gateway.Relays.Claim(channel, "a").Outcome, Is.EqualTo(ClaimOutcome.Unknown), "the machine is still on and tries");
        AssertNoSlotIsTaken();
        await FinishAsync(stopping);
    }

    [Test]
    public async Task Open_StopAfterTheClaim_RelayEndsWithTheReason()
    {
        var supervisor = await StartAsync();
        var opening = Gateway.OpenAsync();
        var channel = (await supervisor.Streams.NextAsync("RelayOpen")).RelayOpen.ChannelId;
        var claim = Gateway.Relays.Claim(channel, "a");
        var stopping = await StopAsync();

        Assert.That(claim.Active!.EndReason, Is.EqualTo("the sandbox was stopped"));
        // Claimed, and not handed over yet when the stop came: the caller gets a relay that is over, and no hang.
        claim.Pending!.TrySucceed(RecordingTransport.Connect(out _));
        await RelayAsync(opening);
        Assert.That(claim.Active.Ended.IsCancellationRequested, Is.True);
        Gateway.Relays.RemoveActive(claim.Active);
        AssertNoSlotIsTaken();
        await FinishAsync(stopping);
    }

    // The open has its session, and not yet its slot, when the stop runs to its end.
    [Test]
    public async Task Open_StopBetweenItsSessionAndItsSlot_IsNotSentAndTakesNone()
    {
        await Gateway.AddSandboxAsync();
        var stopped = false;
        Gateway.Time.OnTimestamp = n =>
        {
            // The first is the open's own start; the second is taken between the session and the slot.
            if (n == 2)
            {
                Gateway.Sessions.Disconnect("a", nextEpoch: 2);
                Gateway.Broker.CloseAll("a", "the sandbox was stopped");
                stopped = true;
            }
        };
        var session = Register();

        var failure = await FailureAsync(Gateway.OpenAsync());

        Assert.That((stopped, failure.Message), Is.EqualTo((true, "supervisor session not connected")));
        Assert.That(session.Commands.Count, Is.Zero);
        AssertNoSlotIsTaken();
    }

    [Test]
    public async Task Stop_OpenComesAfterTheDisconnect_IsNotOpenedAndTheSupervisorCannotComeBack()
    {
        await StartAsync();
        var stopping = await StopAsync();

        var opening = Gateway.OpenAsync();
        Assert.That(await Gateway.Dial().RejectedAsync(), Is.EqualTo("the sandbox is not to run (phase Stopping)"));
        Assert.That(opening.IsCompleted, Is.False, "it waits for a session");
        AssertNoSlotIsTaken();
        Gateway.Time.Advance(RaceGateway.SessionWait);

        Assert.That((await FailureAsync(opening)).Message, Is.EqualTo("supervisor session not connected"));
        await FinishAsync(stopping);
    }

    private async Task<FakeSupervisor> StartAsync()
    {
        await Gateway.AddSandboxAsync();
        return await Gateway.ConnectAsync();
    }

    // The driver is powering the machine off: everything that the gateway does first is done.
    private async Task<Task<Outcome<SandboxRecord>>> StopAsync()
    {
        Gateway.Driver.BeforeStop = _machine.HoldAsync;
        var stopping = Gateway.Lifecycle.StopAsync(await Gateway.GetAsync(), force: false, CancellationToken.None);
        await _machine.ReachedAsync("the driver's stop");
        return stopping;
    }

    private async Task FinishAsync(Task<Outcome<SandboxRecord>> stopping)
    {
        _machine.Release();
        Assert.That((await Eventually.EndsAsync(stopping, "the stop")).Succeeded(out var record, out var failure), Is.True, failure?.Message);
        Assert.That(record!.Phase, Is.EqualTo(SandboxPhase.Stopped));
    }
}
