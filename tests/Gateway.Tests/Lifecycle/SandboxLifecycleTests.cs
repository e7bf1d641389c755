using Grpc.Core;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Stop, forced stop, start and delete, from every phase; and what overtakes what.</summary>
internal sealed class SandboxLifecycleTests : RaceTest
{
    // Phase, what is asked for, the phase afterwards, what the driver was told.
    [TestCase(SandboxPhase.Unspecified, "stop", SandboxPhase.Stopped, "stop a")]
    [TestCase(SandboxPhase.Provisioning, "stop", SandboxPhase.Stopped, "stop a")]
    [TestCase(SandboxPhase.Ready, "stop", SandboxPhase.Stopped, "stop a")]
    [TestCase(SandboxPhase.Error, "stop", SandboxPhase.Stopped, "stop a")]
    [TestCase(SandboxPhase.Unknown, "stop", SandboxPhase.Stopped, "stop a")]
    [TestCase(SandboxPhase.Stopping, "stop", SandboxPhase.Stopped, "stop a")]
    [TestCase(SandboxPhase.Stopped, "stop", SandboxPhase.Stopped, "")]
    [TestCase(SandboxPhase.Starting, "stop", SandboxPhase.Stopped, "stop a")]
    [TestCase(SandboxPhase.Unspecified, "stop --force", SandboxPhase.Stopped, "kill a")]
    [TestCase(SandboxPhase.Provisioning, "stop --force", SandboxPhase.Stopped, "kill a")]
    [TestCase(SandboxPhase.Ready, "stop --force", SandboxPhase.Stopped, "kill a")]
    [TestCase(SandboxPhase.Error, "stop --force", SandboxPhase.Stopped, "kill a")]
    [TestCase(SandboxPhase.Unknown, "stop --force", SandboxPhase.Stopped, "kill a")]
    [TestCase(SandboxPhase.Stopping, "stop --force", SandboxPhase.Stopped, "kill a, kill a")]
    [TestCase(SandboxPhase.Stopped, "stop --force", SandboxPhase.Stopped, "")]
    [TestCase(SandboxPhase.Starting, "stop --force", SandboxPhase.Stopped, "kill a")]
    [TestCase(SandboxPhase.Unspecified, "start", SandboxPhase.Starting, "stop a, start a")]
    [TestCase(SandboxPhase.Provisioning, "start", SandboxPhase.Provisioning, "")]
    [TestCase(SandboxPhase.Ready, "start", SandboxPhase.Ready, "")]
    [TestCase(SandboxPhase.Error, "start", SandboxPhase.Starting, "stop a, start a")]
    [TestCase(SandboxPhase.Unknown, "start", SandboxPhase.Starting, "stop a, start a")]
    [TestCase(SandboxPhase.Stopping, "start", SandboxPhase.Starting, "stop a, start a")]
    [TestCase(SandboxPhase.Stopped, "start", SandboxPhase.Starting, "start a")]
    [TestCase(SandboxPhase.Starting, "start", SandboxPhase.Starting, "")]
    [TestCase(SandboxPhase.Unspecified, "delete", null, "delete a")]
    [TestCase(SandboxPhase.Provisioning, "delete", null, "delete a")]
    [TestCase(SandboxPhase.Ready, "delete", null, "delete a")]
    [TestCase(SandboxPhase.Error, "delete", null, "delete a")]
    [TestCase(SandboxPhase.Unknown, "delete", null, "delete a")]
    [TestCase(SandboxPhase.Stopping, "delete", null, "kill a, delete a")]
    [TestCase(SandboxPhase.Stopped, "delete", null, "delete a")]
    [TestCase(SandboxPhase.Starting, "delete", null, "delete a")]
    [TestCase(SandboxPhase.Deleting, "delete", null, "delete a")]
    public async Task EveryPhase_TakesEveryRequest(object before, string request, object? after, string told)
    {
        await Gateway.AddSandboxAsync(phase: (SandboxPhase)before);

        var outcome = await AskAsync(request);

        Assert.That(outcome.Succeeded(out _, out var failure), Is.True, failure?.Message);
        Assert.That((await FindAsync())?.Phase, Is.EqualTo((SandboxPhase?)after));
        Assert.That(string.Join(", ", Gateway.Driver.Calls.Where(call => !call.StartsWith("get", StringComparison.Ordinal))), Is.EqualTo(told));
        if (after is not null)
        {
            // Asked twice it is the same, and the driver is told nothing more.
            var calls = Gateway.Driver.Calls.Count(call => !call.StartsWith("get", StringComparison.Ordinal));
            Assert.That((await AskAsync(request)).Succeeded(out var again, out _), Is.True);
            Assert.That(again!.Phase, Is.EqualTo((SandboxPhase)after));
            Assert.That(Gateway.Driver.Calls.Count(call => !call.StartsWith("get", StringComparison.Ordinal)), Is.EqualTo(calls));
        }
    }

    [TestCase("stop")]
    [TestCase("stop --force")]
    [TestCase("start")]
    public async Task Deleting_AnythingElse_IsRefusedInWords(string request)
    {
        await Gateway.AddSandboxAsync(phase: SandboxPhase.Deleting);

        Assert.That((await AskAsync(request)).Succeeded(out _, out var failure), Is.False);

        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.FailedPrecondition, "sandbox 'a' is being deleted")));
        Assert.That(Gateway.Driver.Calls, Is.Empty);
    }

    [TestCase("stop")]
    [TestCase("start")]
    public async Task MachineIsMissing_SaysSoAndCanOnlyBeDeleted(string request)
    {
        await Gateway.AddSandboxAsync(phase: SandboxPhase.Error);
        Gateway.Driver.Machines.Clear();

        Assert.That((await AskAsync(request)).Succeeded(out _, out var failure), Is.False);

        Assert.That(failure!.Kind, Is.EqualTo(FailureKind.FailedPrecondition));
        Assert.That(failure.Message, Does.StartWith($"{request} sandbox failed: the machine of 'a' has disappeared"));
        var row = await FindAsync();
        Assert.That((row!.Phase, row.Ready!.Reason), Is.EqualTo((SandboxPhase.Error, "ComputeResourceMissing")));
        Assert.That((await AskAsync("delete")).Succeeded(out _, out _), Is.True);
    }

    [TestCase("stop --force", SandboxPhase.Stopped)]
    [TestCase("delete", null)]
    public async Task Stop_WaitsForTheGuest_IsOvertaken(string request, object? after)
    {
        await Gateway.AddSandboxAsync();
        await Gateway.ConnectAsync();
        var guest = new SyncPoint();
        Gateway.Driver.BeforeStop = guest.HoldAsync;
        var stopping = AskAsync("stop");
        await guest.ReachedAsync("the driver's stop");

        // Nobody releases the guest.
        Assert.That((await AskAsync(request)).Succeeded(out _, out _), Is.True);

        Assert.That((await Eventually.EndsAsync(stopping, "the stop")).Succeeded(out _, out _), Is.True);
        Assert.That((await FindAsync())?.Phase, Is.EqualTo((SandboxPhase?)after));
        guest.Release();
    }

    [Test]
    public async Task Start_WhileAStopWaitsForTheGuest_StartsAfterwards()
    {
        await Gateway.AddSandboxAsync();
        await Gateway.ConnectAsync();
        var guest = new SyncPoint();
        Gateway.Driver.BeforeStop = guest.HoldAsync;
        var stopping = AskAsync("stop");
        await guest.ReachedAsync("the driver's stop");

        var starting = AskAsync("start");
        guest.Release();

        Assert.That((await Eventually.EndsAsync(stopping, "the stop")).Succeeded(out _, out _), Is.True);
        Assert.That((await Eventually.EndsAsync(starting, "the start")).Succeeded(out var started, out _), Is.True);
        Assert.That((started!.Phase, started.BootEpoch), Is.EqualTo((SandboxPhase.Starting, 2)));
    }

    // The second one must not raise the epoch: the guest that boots has a token of the first.
    [Test]
    public async Task Start_TwiceAtOnce_IsOneBoot()
    {
        await Gateway.AddSandboxAsync(phase: SandboxPhase.Stopped);
        var driver = new SyncPoint();
        Gateway.Driver.BeforeStart = driver.HoldAsync;
        var first = AskAsync("start");
        await driver.ReachedAsync("the driver's start");
        var second = AskAsync("start");
        driver.Release();

        Assert.That((await Eventually.EndsAsync(first, "the first start")).Succeeded(out _, out _), Is.True);
        Assert.That((await Eventually.EndsAsync(second, "the second start")).Succeeded(out var record, out _), Is.True);
        Assert.That(record!.BootEpoch, Is.EqualTo(2));
        Assert.That(Gateway.Driver.Calls.Count(call => call == "start a"), Is.EqualTo(1));
    }

    // The main process failed and the machine still runs, with a supervisor that has a token of the old boot.
    [Test]
    public async Task Start_InErrorWithASession_EndsItAndOnlyTheNewBootMakesItReady()
    {
        await Gateway.AddSandboxAsync();
        var old = await Gateway.ConnectAsync();
        await Gateway.Readiness.ChangeAsync("a", r => r with { Phase = SandboxPhase.Error, ExitCode = 3 }, CancellationToken.None);

        Assert.That((await AskAsync("start")).Succeeded(out var started, out _), Is.True);

        Assert.That((started!.Phase, started.Ready!.Reason, started.ExitCode), Is.EqualTo((SandboxPhase.Starting, "Starting", (int?)3)));
        Assert.That(Gateway.Sessions.Find("a"), Is.Null);
        var next = Gateway.Dial(epoch: 2, instance: "boot-2");
        await next.AcceptedAsync();
        await Gateway.BecomesAsync(SandboxPhase.Ready);
    }

    [Test]
    public async Task Start_DriverRefuses_IsInErrorAsBefore()
    {
        await Gateway.AddSandboxAsync(phase: SandboxPhase.Error);
        Gateway.Driver.BeforeStart = () => throw new RpcException(new Status(StatusCode.ResourceExhausted, "no room"));

        Assert.That((await AskAsync("start")).Succeeded(out _, out var failure), Is.False);

        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.ResourceExhausted, "start sandbox failed: no room")));
        Assert.That((await FindAsync())!.Phase, Is.EqualTo(SandboxPhase.Error));
        Gateway.Driver.BeforeStart = null;
        Assert.That((await AskAsync("start")).Succeeded(out _, out _), Is.True, "it can be tried again");
    }

    // Killed between the row and the driver's answer: with a machine that still is the old one, or none.
    [TestCase(SandboxCondition.Restarting, "Starting", "stop a, start a")]
    [TestCase(SandboxCondition.Restarting, "ProcessExited", "stop a, start a")]
    [TestCase("Starting", null, "start a")]
    public async Task Gateway_KilledInTheMiddleOfAStart_FinishesIt(string reason, string? machine, string told)
    {
        await Gateway.AddSandboxAsync();
        await Gateway.Readiness.ChangeAsync(
            "a", r => r.WithReady(SandboxCondition.False, reason, "", r.CreatedAt) with { Phase = SandboxPhase.Starting, BootEpoch = 2 }, CancellationToken.None);
        if (machine is null)
        {
            await Gateway.Client.StopAsync(await Gateway.GetAsync(), force: false, CancellationToken.None);
        }
        else
        {
            Gateway.Driver.Add("a", machine);
        }

        Gateway.Driver.Calls.Clear();

        await Gateway.Recovery.RunAsync(CancellationToken.None);

        Assert.That(string.Join(", ", Gateway.Driver.Calls.Where(call => !call.StartsWith("get", StringComparison.Ordinal))), Is.EqualTo(told));
        var row = await FindAsync();
        Assert.That((row!.Phase, row.Ready!.Reason, row.BootEpoch), Is.EqualTo((SandboxPhase.Starting, "Starting", 3)));
    }

    private Task<Outcome<SandboxRecord>> AskAsync(string request) => Eventually.EndsAsync(AskOnceAsync(request), request);

    private async Task<Outcome<SandboxRecord>> AskOnceAsync(string request)
    {
        var sandbox = await Gateway.GetAsync();
        return request switch
        {
            "stop" => await Gateway.Lifecycle.StopAsync(sandbox, force: false, CancellationToken.None),
            "stop --force" => await Gateway.Lifecycle.StopAsync(sandbox, force: true, CancellationToken.None),
            "start" => await Gateway.Lifecycle.StartAsync(sandbox, CancellationToken.None),
            _ => await Gateway.Lifecycle.DeleteAsync(sandbox, CancellationToken.None),
        };
    }

    private Task<SandboxRecord?> FindAsync() => Gateway.Sandboxes.GetAsync("a", CancellationToken.None);
}
