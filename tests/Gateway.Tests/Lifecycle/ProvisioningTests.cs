using Grpc.Core;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Sandboxes that are not ready in time; host keys that change.</summary>
internal sealed class ProvisioningTests : RaceTest
{
    private static readonly TimeSpan Timeout = new LifeOptions().ProvisioningTimeout;

    [Test]
    public async Task Create_Attempt_HasItsDeadlineUntilItIsReady()
    {
        Assert.That((await Gateway.CreateAsync()).Succeeded(out var created, out _), Is.True);
        var attempt = created!.Provisioning!;
        Assert.That((attempt.PreparationDeadline, attempt.Deadline), Is.EqualTo((Gateway.Time.GetUtcNow() + Timeout, (DateTimeOffset?)Gateway.Time.GetUtcNow() + Timeout)));

        var supervisor = Gateway.Dial(created.Id);
        await supervisor.AcceptedAsync();
        await Gateway.BecomesAsync(SandboxPhase.Ready, created.Id);

        var ready = (await Gateway.Sandboxes.GetAsync(created.Id, CancellationToken.None))!;
        Assert.That((ready.Provisioning!.Id, ready.Provisioning.PreparationDeadline, ready.Provisioning.Deadline), Is.EqualTo((attempt.Id, attempt.PreparationDeadline, (DateTimeOffset?)null)));
        Assert.That(Gateway.Life.Due(ready), Is.Null);
    }

    [Test]
    public async Task Start_Attempt_IsANewOne()
    {
        var first = await WaitAsync(SandboxPhase.Stopped);

        await Gateway.Lifecycle.StartAsync(first, CancellationToken.None);

        var second = (await Gateway.GetAsync()).Provisioning!;
        Assert.That(second.Id, Is.Not.EqualTo(first.Provisioning!.Id));
        Assert.That(second.Deadline, Is.EqualTo(Gateway.Time.GetUtcNow() + Timeout));
    }

    [TestCase(SandboxPhase.Provisioning)]
    [TestCase(SandboxPhase.Starting)]
    public async Task Deadline_NotReady_IsAnErrorAndItsMachineIsStopped(object phase)
    {
        await WaitAsync((SandboxPhase)phase);
        Gateway.Time.Advance(Timeout - TimeSpan.FromSeconds(1));
        await ActAsync();
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(phase), "not yet");

        Gateway.Time.Advance(TimeSpan.FromSeconds(1));
        await ActAsync();

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.Ready!.Reason), Is.EqualTo((SandboxPhase.Error, "ProvisioningTimeout")));
        Assert.That(record.Ready.Message, Does.StartWith("The sandbox was not ready within 900 s (--provisioning-timeout)"));
        var attempt = record.Provisioning!;
        Assert.That((attempt.Deadline, attempt.TimedOut, attempt.CleanedUp), Is.EqualTo(((DateTimeOffset?)null, (DateTimeOffset?)Gateway.Time.GetUtcNow(), (DateTimeOffset?)Gateway.Time.GetUtcNow())));
        Assert.That(Gateway.Driver.Calls, Does.Contain("kill a"));
        Assert.That(Gateway.Life.Due(record), Is.Null);
    }

    // Its supervisor comes while the machine is being stopped: it is too late.
    [Test]
    public async Task Deadline_SupervisorComesTooLate_IsRejected()
    {
        await WaitAsync(SandboxPhase.Provisioning);
        Gateway.Time.Advance(Timeout);
        await ActAsync();

        Assert.That(await Gateway.Dial().RejectedAsync(), Does.Contain("boot epoch 1 is over"));
    }

    // Its session stands before the deadline has the lock, and has not had its own turn yet.
    [Test]
    public async Task Deadline_SupervisorIsRegisteredAndWaitsForTheLock_IsReady()
    {
        await WaitAsync(SandboxPhase.Provisioning);
        Gateway.Time.Advance(Timeout);
        var held = await Gateway.Locks.EnterAsync("a", CancellationToken.None);
        var acting = ActAsync();
        await Gateway.Dial().AcceptedAsync();

        held.Dispose();
        await acting;

        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(SandboxPhase.Ready));
        Assert.That(Gateway.Driver.Calls, Does.Not.Contain("kill a"));
    }

    [Test]
    public async Task CleanUp_DriverCannot_SaysSoAndTriesAgain()
    {
        await WaitAsync(SandboxPhase.Provisioning);
        Gateway.Time.Advance(Timeout);
        Gateway.Driver.BeforeKill = () => throw new RpcException(new Status(StatusCode.Internal, "no"));
        await ActAsync();
        var failed = (await Gateway.GetAsync()).Provisioning!;
        Assert.That((failed.CleanedUp, failed.CleanupError), Is.EqualTo(((DateTimeOffset?)null, "compute driver: no")));
        Assert.That(Gateway.Life.Due(await Gateway.GetAsync()), Is.EqualTo(failed.CleanupRetry));

        Gateway.Driver.BeforeKill = null;
        Gateway.Time.Advance(TimeSpan.FromSeconds(30));
        await ActAsync();

        var done = (await Gateway.GetAsync()).Provisioning!;
        Assert.That((done.CleanedUp is not null, done.CleanupError, done.CleanupRetry), Is.EqualTo((true, "", (DateTimeOffset?)null)));
    }

    // Killed between the two: the row says what is missing.
    [Test]
    public async Task CleanUp_GatewayWasKilledBefore_IsDoneByTheNext()
    {
        var record = await WaitAsync(SandboxPhase.Provisioning);
        await Gateway.Readiness.ChangeAsync("a", _ => Gateway.Life.TimedOut(record), CancellationToken.None);

        await Gateway.Recovery.PrepareAsync(CancellationToken.None);

        Assert.That(await Eventually.EndsAsync(Gateway.Deadlines.NextAsync(CancellationToken.None), "what is due"), Is.EqualTo("a"));
        await ActAsync();
        Assert.That(Gateway.Driver.Calls, Does.Contain("kill a"));
    }

    [Test]
    public async Task Deadline_HostsDiskIsFull_IsPutOff()
    {
        await WaitAsync(SandboxPhase.Provisioning);
        await Gateway.Readiness.SetDriverStatusAsync(
            "a",
            new DriverStatus(DriverPhase.Paused, new SandboxCondition("Ready", "False", SandboxCondition.HostDiskFull, "no room", Gateway.Time.GetUtcNow())),
            CancellationToken.None);
        Gateway.Time.Advance(Timeout);
        await ActAsync();

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.Provisioning!.Deadline), Is.EqualTo((SandboxPhase.Provisioning, (DateTimeOffset?)Gateway.Time.GetUtcNow() + Timeout)));
    }

    // Nobody could become ready meanwhile.
    [Test]
    public async Task Deadline_GatewayWasDown_BeginsAnew()
    {
        var before = (await WaitAsync(SandboxPhase.Provisioning)).Provisioning!;
        Gateway.Time.Advance(TimeSpan.FromHours(1));

        await Gateway.Recovery.PrepareAsync(CancellationToken.None);

        var after = (await Gateway.GetAsync()).Provisioning!;
        Assert.That((after.Id, after.PreparationDeadline, after.Deadline), Is.EqualTo((before.Id, before.PreparationDeadline, (DateTimeOffset?)Gateway.Time.GetUtcNow() + Timeout)));
    }

    [Test]
    public async Task Deadlines_SeveralSandboxes_ComeInTheirOrder()
    {
        await Gateway.AddSandboxAsync();
        await Gateway.AddSandboxAsync("b");
        var next = Gateway.Deadlines.NextAsync(CancellationToken.None);
        await Gateway.Readiness.ChangeAsync("a", Gateway.Life.WithAttempt, CancellationToken.None);
        Gateway.Time.Advance(TimeSpan.FromMinutes(1));
        await Gateway.Readiness.ChangeAsync("b", Gateway.Life.WithAttempt, CancellationToken.None);
        Assert.That(next.IsCompleted, Is.False);

        Gateway.Time.Advance(Timeout - TimeSpan.FromMinutes(1));
        Assert.That(await Eventually.EndsAsync(next, "the first"), Is.EqualTo("a"));
        next = Gateway.Deadlines.NextAsync(CancellationToken.None);
        Gateway.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.That(await Eventually.EndsAsync(next, "the second"), Is.EqualTo("b"));
    }

    // Reference 4.12: the same for the sandbox's life.
    [Test]
    public async Task HostKey_AnotherOneIsShown_TheFirstStaysAndTheConditionSaysSo()
    {
        await Gateway.AddSandboxAsync();
        await ShowAsync("SHA256:first");
        Assert.That((await Gateway.GetAsync()).HostKeyFingerprint, Is.EqualTo("SHA256:first"));

        await ShowAsync("SHA256:other");
        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.HostKeyFingerprint), Is.EqualTo((SandboxPhase.Ready, "SHA256:first")));
        var condition = record.Conditions.Single(c => c.Type == "HostKey");
        Assert.That((condition.Status, condition.Reason), Is.EqualTo(("False", "HostKeyChanged")));
        Assert.That(condition.Message, Does.Contain("SHA256:other").And.Contain("SHA256:first"));
        Assert.That(
            Gateway.Events.Tail("a", LogFilter.All, 100).Lines.Any(l => l.Level == "WARN" && l.Message.Contains("SHA256:other", StringComparison.Ordinal)), Is.True);

        await ShowAsync("SHA256:first");
        Assert.That((await Gateway.GetAsync()).Conditions.Any(c => c.Type == "HostKey"), Is.False);
    }

    private async Task ShowAsync(string fingerprint)
    {
        var supervisor = FakeSupervisor.Dial(Gateway.Supervisors, "a", hostKey: fingerprint);
        await supervisor.AcceptedAsync();
        await Eventually.BecomesTrueAsync(
            async () => (await Gateway.GetAsync()) is { Phase: SandboxPhase.Ready } r
                && (r.HostKeyFingerprint == fingerprint) != r.Conditions.Any(c => c.Type == "HostKey"),
            () => $"the sandbox knows of {fingerprint}");
    }

    private async Task<SandboxRecord> WaitAsync(SandboxPhase phase)
    {
        await Gateway.AddSandboxAsync(phase: phase);
        return (await Gateway.Readiness.ChangeAsync("a", Gateway.Life.WithAttempt, CancellationToken.None))!;
    }

    private Task ActAsync() => Eventually.EndsAsync(Gateway.Timekeeper.ActAsync("a", CancellationToken.None), "what is due");
}
