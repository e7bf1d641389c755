using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Races;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using SandboxPhase = OpenShell.Gateway.Sandboxes.SandboxPhase;
using SandboxRestartPolicy = OpenShell.Gateway.Sandboxes.SandboxRestartPolicy;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>From the end of a main process to the next one: reports, restart policies, and who is quicker than they are.</summary>
internal sealed class MainProcessLifeTests : RaceTest
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // Reference 4.9.
    [TestCase(0, SandboxPhase.Completed, "MainProcessCompleted")]
    [TestCase(3, SandboxPhase.Error, "MainProcessFailed")]
    [TestCase(137, SandboxPhase.Error, "MainProcessFailed")]
    public async Task ReportExit_Code_DecidesThePhaseAndTheSessionStays(int code, object phase, string reason)
    {
        await RunAsync(SandboxRestartPolicy.Never);

        await ReportAsync(code);

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.Ready!.Status, record.Ready.Reason), Is.EqualTo(((SandboxPhase)phase, "False", reason)));
        Assert.That((record.ExitCode, record.InstanceId, record.NextRestart), Is.EqualTo(((int?)code, "boot-1", (DateTimeOffset?)null)));
        Assert.That(Gateway.Sessions.Find("a"), Is.Not.Null);
    }

    // The answer is lost, so it is said again; and the gateway may have been killed between.
    [Test]
    public async Task ReportExit_SaidAgain_IsStoredOnce()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(3);
        var stored = await Gateway.GetAsync();

        Gateway.Time.Advance(Second);
        await ReportAsync(3);

        Assert.That((await Gateway.GetAsync()).ResourceVersion, Is.EqualTo(stored.ResourceVersion));
    }

    [Test]
    public async Task Restart_OutputIsTaken_ComesAfterItsDelayAndCounts()
    {
        await RunAsync(SandboxRestartPolicy.OnFailure);
        await ReportAsync(3);
        await FinalizeAsync();

        await ActAsync();
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Error), "it is not due yet");
        Gateway.Time.Advance(Second);
        await ActAsync();

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.BootEpoch, record.RestartCount, record.NextRestart), Is.EqualTo((SandboxPhase.Starting, 2, 1, (DateTimeOffset?)null)));
        Assert.That((record.ExitCode, record.InstanceId), Is.EqualTo(((int?)3, "boot-1")), "kept until the replacement is ready");
        Assert.That(Told(), Is.EqualTo("stop a, start a"));

        await ActAsync();
        Assert.That(Told(), Is.EqualTo("stop a, start a"), "asked again, nothing is due");
    }

    // Its clients are still reading what it wrote: the machine may not go below them.
    [Test]
    public async Task Restart_OutputIsNotTaken_WaitsForItButNotForEver()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(0);
        Gateway.Time.Advance(Second * 60);
        await ActAsync();
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Completed));

        Gateway.Time.Advance(Second * 60);
        await ActAsync();

        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Starting));
    }

    [Test]
    public async Task Restart_CrashLoop_WaitsTwiceAsLongEachTime()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        foreach (var seconds in (int[])[1, 2, 4])
        {
            var epoch = (await Gateway.GetAsync()).BootEpoch;
            await ReportAsync(1, epoch);
            await FinalizeAsync(epoch);
            var ended = await Gateway.GetAsync();
            Assert.That(ended.NextRestart - Gateway.Time.GetUtcNow(), Is.EqualTo(Second * seconds));

            Gateway.Time.Advance(Second * seconds);
            await ActAsync();
        }

        Assert.That((await Gateway.GetAsync()).RestartCount, Is.EqualTo(3));
    }

    [Test]
    public async Task Restart_ReadyForLong_EndsTheLoop()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        var since = Gateway.Time.GetUtcNow() - TimeSpan.FromMinutes(10);

        // Not by the clock: the session would end with it.
        await Gateway.Readiness.ChangeAsync("a", r => r with { RestartCount = 4, MainProcessStarted = since }, CancellationToken.None);
        await ActAsync();

        Assert.That((await Gateway.GetAsync()).RestartCount, Is.Zero);
    }

    [TestCase("start", SandboxPhase.Starting, "stop a, start a")]
    [TestCase("stop", SandboxPhase.Stopped, "stop a")]
    [TestCase("delete", null, "delete a")]
    public async Task Restart_UserIsQuicker_DoesNothing(string request, object? phase, string told)
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(1);
        await FinalizeAsync();
        var record = await Gateway.GetAsync();
        _ = request switch
        {
            "start" => await Gateway.Lifecycle.StartAsync(record, CancellationToken.None),
            "stop" => await Gateway.Lifecycle.StopAsync(record, force: false, CancellationToken.None),
            _ => await Gateway.Lifecycle.DeleteAsync(record, CancellationToken.None),
        };

        Gateway.Time.Advance(Second);
        await ActAsync();

        var after = await Gateway.Sandboxes.GetAsync("a", CancellationToken.None);
        Assert.That((after?.Phase, after?.RestartCount ?? 0), Is.EqualTo(((SandboxPhase?)phase, 0)));
        Assert.That(Told(), Is.EqualTo(told));
    }

    // The stop has the lock; the restart waits for it and then finds nothing due.
    [Test]
    public async Task Restart_WhileAStopWaitsForTheGuest_DoesNothing()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(1);
        await FinalizeAsync();
        Gateway.Time.Advance(Second);
        var guest = new SyncPoint();
        Gateway.Driver.BeforeStop = guest.HoldAsync;
        var stopping = Gateway.Lifecycle.StopAsync(await Gateway.GetAsync(), force: false, CancellationToken.None);
        await guest.ReachedAsync("the driver's stop");

        var acting = ActAsync();
        guest.Release();

        await Eventually.EndsAsync(Task.WhenAll(stopping, acting), "the stop and the restart");
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Stopped));
        Assert.That(Told(), Is.EqualTo("stop a"));
    }

    // The end is reported while a stop is under way: it was wanted.
    [Test]
    public async Task ReportExit_WhileItIsStopped_StartsNothing()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        var guest = new SyncPoint();
        Gateway.Driver.BeforeStop = guest.HoldAsync;
        var stopping = Gateway.Lifecycle.StopAsync(await Gateway.GetAsync(), force: false, CancellationToken.None);
        await guest.ReachedAsync("the driver's stop");
        var reporting = ReportAsync(143);
        guest.Release();

        await Eventually.EndsAsync(Task.WhenAll(stopping, reporting), "the stop and the report");

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.NextRestart), Is.EqualTo((SandboxPhase.Stopped, (DateTimeOffset?)null)));
    }

    [Test]
    public async Task Restart_GatewayWasKilledBefore_IsDoneByTheNext()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(1);
        await FinalizeAsync();
        Gateway.Deadlines.Remove("a");
        Gateway.Time.Advance(TimeSpan.FromHours(1));

        await Gateway.Recovery.PrepareAsync(CancellationToken.None);
        await Gateway.Recovery.RunAsync(CancellationToken.None);

        Assert.That(Told(), Is.Empty, "the recovery leaves it to the policy");
        Assert.That(await Eventually.EndsAsync(Gateway.Deadlines.NextAsync(CancellationToken.None), "what is due"), Is.EqualTo("a"));
        await ActAsync();
        Assert.That((await Gateway.GetAsync()).RestartCount, Is.EqualTo(1));
    }

    // Killed after the start was stored and before the driver had done it: it is gone on with, and counts once.
    [Test]
    public async Task Restart_GatewayWasKilledInTheMiddle_IsFinishedAndCountsOnce()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(1);
        await FinalizeAsync();
        Gateway.Time.Advance(Second);
        var driver = new SyncPoint();
        Gateway.Driver.BeforeStart = driver.HoldAsync;
        var acting = ActAsync();
        await driver.ReachedAsync("the driver's start");
        var killed = (await Gateway.GetAsync()) with { ResourceVersion = 0 };
        driver.Release();
        await Eventually.EndsAsync(acting, "the restart");

        // What the row was like when the gateway died.
        await Gateway.Readiness.ChangeAsync("a", r => killed with { ResourceVersion = r.ResourceVersion }, CancellationToken.None);
        Assert.That((killed.IsRestarting, killed.RestartCount, killed.NextRestart), Is.EqualTo((true, 1, (DateTimeOffset?)null)));
        Assert.That(Gateway.Life.Due(killed), Is.EqualTo(killed.Provisioning!.Deadline), "no restart is due");
        await Gateway.Recovery.RunAsync(CancellationToken.None);

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.IsRestarting, record.RestartCount), Is.EqualTo((SandboxPhase.Starting, false, 1)));
    }

    [Test]
    public async Task Restart_DriverCannot_IsTriedAgainLater()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(1);
        await FinalizeAsync();
        Gateway.Time.Advance(Second);
        Gateway.Driver.BeforeStart = () => throw new RpcException(new Status(StatusCode.ResourceExhausted, "the disk is full"));
        await ActAsync();

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.Ready!.Reason, record.RestartCount), Is.EqualTo((SandboxPhase.Error, "MainProcessFailed", 1)));
        Assert.That(record.NextRestart - Gateway.Time.GetUtcNow(), Is.EqualTo(Second * 2));

        Gateway.Driver.BeforeStart = null;
        Gateway.Time.Advance(Second * 2);
        await ActAsync();
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Starting));
    }

    // The driver is away before anything of the start is stored.
    [Test]
    public async Task Restart_DriverIsAway_IsNotedAndTriedAgainLater()
    {
        await RunAsync(SandboxRestartPolicy.Always);
        await ReportAsync(1);
        await FinalizeAsync();
        var said = Gateway.Driver.Capabilities.Extension;
        Gateway.Driver.Capabilities.Extension = null;
        Gateway.Time.Advance(Second);
        await TakeAndActAsync();

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.Ready!.Reason, record.RestartCount), Is.EqualTo((SandboxPhase.Error, "MainProcessFailed", 1)));
        Assert.That(record.NextRestart - Gateway.Time.GetUtcNow(), Is.EqualTo(Second * 2));
        Gateway.Time.Advance(Second * 2);
        await TakeAndActAsync();
        Assert.That((await Gateway.GetAsync()).NextRestart - Gateway.Time.GetUtcNow(), Is.EqualTo(Second * 4), "later each time");

        Gateway.Driver.Capabilities.Extension = said;
        Gateway.Time.Advance(Second * 4);
        await TakeAndActAsync();
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Starting));
    }

    // A report of the boot before, from a supervisor that has not noticed yet.
    [Test]
    public async Task ReportExit_OfTheBootBefore_ChangesNothing()
    {
        await RunAsync(SandboxRestartPolicy.Never);
        await ReportAsync(0);
        await Gateway.Lifecycle.StartAsync(await Gateway.GetAsync(), CancellationToken.None);
        var started = await Gateway.GetAsync();

        await ReportAsync(7);

        Assert.That((await Gateway.GetAsync()).ResourceVersion, Is.EqualTo(started.ResourceVersion));
    }

    [Test]
    public async Task MachineEnds_PolicyCoversIt_IsStartedAgain()
    {
        await RunAsync(SandboxRestartPolicy.OnFailure);
        Gateway.Driver.Add("a", "ProcessExited");
        await Gateway.Reconciler.ReconcileAsync("a", ReconcileReason.Difference, CancellationToken.None);
        var failed = await Gateway.GetAsync();
        Assert.That((failed.Phase, failed.ExitCode, failed.NextRestart), Is.EqualTo((SandboxPhase.Error, (int?)null, (DateTimeOffset?)Gateway.Time.GetUtcNow().Add(Second))));

        Gateway.Time.Advance(Second);
        await ActAsync();

        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Starting));
    }

    [TestCase("boot-2", StatusCode.FailedPrecondition)]
    [TestCase("", StatusCode.InvalidArgument)]
    public async Task FinalizeExit_WrongInstance_IsRefused(string instance, StatusCode code)
    {
        await RunAsync(SandboxRestartPolicy.Never);
        await ReportAsync(0);

        await AssertRefusedAsync(new FinalizeMainProcessExitRequest { SandboxId = "a", InstanceId = instance }, code);

        Assert.That((await Gateway.GetAsync()).OutputAwaitedUntil, Is.Not.Null);
    }

    [Test]
    public async Task FinalizeExit_NothingHasEnded_IsRefused()
    {
        await RunAsync(SandboxRestartPolicy.Never);

        await AssertRefusedAsync(new FinalizeMainProcessExitRequest { SandboxId = "a", InstanceId = "boot-1" }, StatusCode.FailedPrecondition);
    }

    [Test]
    public Task FinalizeExit_AnotherSandbox_IsRefused() =>
        AssertRefusedAsync(new FinalizeMainProcessExitRequest { SandboxId = "b", InstanceId = "boot-1" }, StatusCode.PermissionDenied);

    private async Task RunAsync(SandboxRestartPolicy policy)
    {
        await Gateway.AddSandboxAsync();
        await Gateway.Readiness.ChangeAsync("a", r => r with { RestartPolicy = policy }, CancellationToken.None);
        await Gateway.ConnectAsync();
    }

    private Task ReportAsync(int code, int epoch = 1) => Gateway.Supervisors.ReportExitAsync(
        new ReportMainProcessExitRequest { SandboxId = "a", InstanceId = $"boot-{epoch}", ExitCode = code }, CallOf(epoch));

    private Task FinalizeAsync(int epoch = 1) => Gateway.Supervisors.FinalizeExitAsync(
        new FinalizeMainProcessExitRequest { SandboxId = "a", InstanceId = $"boot-{epoch}" }, CallOf(epoch));

    private static FakeServerCall CallOf(int epoch) => new(new SandboxPrincipal("a", epoch, DateTimeOffset.MaxValue));

    /// <summary>What the loop does with what is due: it must have been noted.</summary>
    private async Task TakeAndActAsync()
    {
        Assert.That(await Eventually.EndsAsync(Gateway.Deadlines.NextAsync(CancellationToken.None), "what is due"), Is.EqualTo("a"));
        await ActAsync();
    }

    private Task ActAsync() => Eventually.EndsAsync(Gateway.Timekeeper.ActAsync("a", CancellationToken.None), "what is due");

    private Task AssertRefusedAsync(FinalizeMainProcessExitRequest request, StatusCode code) => Assert.ThatAsync(
        () => Gateway.Supervisors.FinalizeExitAsync(request, CallOf(1)),
        Throws.InstanceOf<RpcException>().With.Property(nameof(RpcException.StatusCode)).EqualTo(code));

    private string Told() => string.Join(", ", Gateway.Driver.Calls.Where(call => !call.StartsWith("get", StringComparison.Ordinal)));
}
