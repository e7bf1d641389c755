using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

internal sealed class RestartRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);
    private static readonly LifeOptions Options = new();

    // Policy, code of the main process, whether it is started again.
    [TestCase(SandboxRestartPolicy.Never, 0, false)]
    [TestCase(SandboxRestartPolicy.Never, 1, false)]
    [TestCase(SandboxRestartPolicy.OnFailure, 0, false)]
    [TestCase(SandboxRestartPolicy.OnFailure, 1, true)]
    [TestCase(SandboxRestartPolicy.OnFailure, 137, true)]
    [TestCase(SandboxRestartPolicy.Always, 0, true)]
    [TestCase(SandboxRestartPolicy.Always, 1, true)]
    public void Schedule_MainProcessEnds_FollowsThePolicy(object policy, int code, bool again)
    {
        var next = End(Record(SandboxPhase.Ready, (SandboxRestartPolicy)policy), code);

        Assert.That(next.NextRestart, Is.EqualTo(again ? (DateTimeOffset?)Now.AddSeconds(1) : null));
        Assert.That(next.Phase, Is.EqualTo(code == 0 ? SandboxPhase.Completed : SandboxPhase.Error));
        Assert.That(next.Ready!.Message, Is.EqualTo(
            $"Main process exited with code {code}" + (again ? "; the restart policy starts it again at 2026-05-04 03:02:02 UTC" : "")));
    }

    // Whoever wants the process to run wants its machine to run; but a machine that cannot be made is not made again and again.
    [TestCase(SandboxRestartPolicy.Never, "ProcessExited", false)]
    [TestCase(SandboxRestartPolicy.OnFailure, "ProcessExited", true)]
    [TestCase(SandboxRestartPolicy.Always, "ContainerExited", true)]
    [TestCase(SandboxRestartPolicy.Always, "ProvisioningFailed", false)]
    [TestCase(SandboxRestartPolicy.Always, "ComputeResourceMissing", false)]
    [TestCase(SandboxRestartPolicy.Always, "ProvisioningTimeout", false)]
    public void Schedule_MachineEnds_FollowsThePolicy(object policy, string reason, bool again)
    {
        var before = Record(SandboxPhase.Ready, (SandboxRestartPolicy)policy);

        var next = Schedule(before, before.WithReady("False", reason, "", Now) with { Phase = SandboxPhase.Error });

        Assert.That(next.NextRestart is not null, Is.EqualTo(again));
    }

    [TestCase(SandboxPhase.Stopping)]
    [TestCase(SandboxPhase.Stopped)]
    [TestCase(SandboxPhase.Deleting)]
    public void Schedule_StopOrDeletionIsWanted_StartsNothing(object phase)
    {
        var before = Record((SandboxPhase)phase, SandboxRestartPolicy.Always);

        var next = Schedule(before, before.WithReady("False", "ProcessExited", "", Now) with { Phase = SandboxPhase.Error });

        Assert.That(next.NextRestart, Is.Null);
    }

    [TestCase(SandboxPhase.Stopping)]
    [TestCase(SandboxPhase.Deleting)]
    [TestCase(SandboxPhase.Starting)]
    public void Schedule_SomebodyElseDecides_WhatWasDueIsNot(object phase)
    {
        var before = End(Record(SandboxPhase.Ready, SandboxRestartPolicy.Always), 1);

        Assert.That(Schedule(before, before with { Phase = (SandboxPhase)phase }).NextRestart, Is.Null);
    }

    [Test]
    public void Schedule_MachineDisappearsWhileItWaits_WhatWasDueIsNot()
    {
        var before = End(Record(SandboxPhase.Ready, SandboxRestartPolicy.Always), 1);

        Assert.That(Schedule(before, before.WithReady("False", "ComputeResourceMissing", "", Now)).NextRestart, Is.Null);
    }

    // An evaluation, or the code that comes late, is not another end.
    [Test]
    public void Schedule_NothingNew_ChangesNothing()
    {
        var ended = End(Record(SandboxPhase.Ready, SandboxRestartPolicy.Always), 1);

        Assert.That(RestartRules.Schedule(ended, ended, Options, Now.AddHours(1)), Is.SameAs(ended));
    }

    [TestCase(0, 1)]
    [TestCase(1, 2)]
    [TestCase(5, 32)]
    [TestCase(8, 256)]
    [TestCase(9, 300)]
    [TestCase(int.MaxValue, 300)]
    public void Delay_Count_DoublesUpToTheLongest(int count, int seconds) =>
        Assert.That(RestartRules.Delay(count, Options), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [TestCase(9, 3, 8)]
    [TestCase(10, 0, 1)]
    public void Schedule_ReadyForLong_CountsFromZeroAgain(int minutes, int count, int seconds)
    {
        var before = Record(SandboxPhase.Ready, SandboxRestartPolicy.Always) with { RestartCount = 3, MainProcessStarted = Now.AddMinutes(-minutes) };

        var next = End(before, 1);

        Assert.That((next.RestartCount, next.NextRestart), Is.EqualTo((count, (DateTimeOffset?)Now.AddSeconds(seconds))));
    }

    // What the boot before had reached says nothing about this one.
    [Test]
    public void Schedule_EndsBeforeItIsReady_IsOfTheLoop()
    {
        var before = Record(SandboxPhase.Starting, SandboxRestartPolicy.Always) with { RestartCount = 3, MainProcessStarted = Now.AddHours(-1) };

        Assert.That(End(before, 1).RestartCount, Is.EqualTo(3));
    }

    [Test]
    public void Schedule_StartByThePolicyFails_IsTriedLaterAndSaysWhenOnce()
    {
        var ended = End(Record(SandboxPhase.Ready, SandboxRestartPolicy.Always), 1);
        var starting = ended with { Phase = SandboxPhase.Starting, RestartCount = 1, NextRestart = null };

        var next = Schedule(starting, starting with { Phase = SandboxPhase.Error });

        Assert.That(next.NextRestart, Is.EqualTo(Now.AddSeconds(2)));
        Assert.That(next.Ready!.Message, Is.EqualTo("Main process exited with code 1; the restart policy starts it again at 2026-05-04 03:02:03 UTC"));
    }

    private static SandboxRecord Record(SandboxPhase phase, SandboxRestartPolicy policy) =>
        SandboxRecords.Create(phase: phase) with { RestartPolicy = policy, InstanceId = "boot-1" };

    private static SandboxRecord End(SandboxRecord before, int code) =>
        Schedule(before, ReadinessRules.Exited(before, "boot-1", 1, code, Now));

    private static SandboxRecord Schedule(SandboxRecord before, SandboxRecord after) => RestartRules.Schedule(before, after, Options, Now);
}
