using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

internal sealed class ReadinessRulesTests
{
    private static readonly DateTimeOffset Then = SandboxRecords.Created;
    private static readonly DateTimeOffset Now = Then.AddHours(1);

    private static readonly SandboxCondition DriverReady = new("Ready", "True", "Running", "up", Then);
    private static readonly SandboxCondition DriverFailed = new("Ready", "False", "DiskFull", "no space", Then);
    private static readonly SandboxCondition DriverStarting = new("Ready", "False", "Starting", "booting", Then);

    private static readonly SandboxCondition HostDiskFull = new("Ready", "False", "HostDiskFull", "no room", Then);

    // Reference 2.3.
    private static readonly TestCaseData[] Derivations =
    [
        new(false, false, Array.Empty<SandboxCondition>(), DriverPhase.Unknown),
        new(true, false, Array.Empty<SandboxCondition>(), DriverPhase.Provisioning),
        new(true, true, new[] { DriverReady }, DriverPhase.Deleting),
        new(true, true, new[] { DriverFailed }, DriverPhase.Deleting),
        new(true, false, new[] { DriverFailed, Suspended("True") }, DriverPhase.Stopped),
        new(true, false, new[] { DriverReady, Suspended("True") }, DriverPhase.Stopped),
        new(true, false, new[] { DriverReady, Suspended("False") }, DriverPhase.Ready),
        new(true, false, new[] { DriverReady }, DriverPhase.Ready),
        new(true, false, new[] { DriverFailed }, DriverPhase.Error),
        new(true, false, new[] { DriverReady, DriverFailed }, DriverPhase.Ready),
        new(true, false, new[] { new SandboxCondition("Ready", "Unknown", "ProcessExited", "", Then) }, DriverPhase.Provisioning),
        new(true, false, new[] { new SandboxCondition("Scheduled", "False", "ProcessExited", "", Then) }, DriverPhase.Provisioning),
    ];

    [TestCaseSource(nameof(Derivations))]
    public void Derive_DriverStatus_IsItsPhase(bool hasStatus, bool deleting, SandboxCondition[] conditions, DriverPhase expected) =>
        Assert.That(ReadinessRules.Derive(hasStatus, deleting, conditions).Phase, Is.EqualTo(expected));

    [TestCase("ReconcilerError")]
    [TestCase("DependenciesNotReady")]
    [TestCase("SupervisorNotConnected")]
    [TestCase("Starting")]
    [TestCase("ContainerStarting")]
    [TestCase("ContainerCreated")]
    [TestCase("HealthCheckStarting")]
    [TestCase("InspectFailed")]
    [TestCase("STARTING")]
    public void Derive_TransientReason_IsProvisioning(string reason) => Assert.That(
        ReadinessRules.Derive(true, false, [new SandboxCondition("Ready", "False", reason, "", Then)]).Phase,
        Is.EqualTo(DriverPhase.Provisioning));

    [TestCase("")]
    [TestCase("ImagePullFailed")]
    [TestCase("SomethingNew")]
    public void Derive_AnyOtherReason_IsError(string reason) => Assert.That(
        ReadinessRules.Derive(true, false, [new SandboxCondition("Ready", "False", reason, "", Then)]).Phase,
        Is.EqualTo(DriverPhase.Error));

    [Test]
    public void Derive_HostDiskFull_IsPaused() =>
        Assert.That(ReadinessRules.Derive(true, false, [HostDiskFull]).Phase, Is.EqualTo(DriverPhase.Paused));

    // Commands do not run, whether or not the session still lives.
    [Test]
    public void Compose_Paused_SaysWhyAndThenGoesOn(
        [Values(SandboxPhase.Provisioning, SandboxPhase.Ready, SandboxPhase.Starting)] SandboxPhase phase, [Values] bool session)
    {
        var instance = session ? "boot-1" : null;
        var before = SandboxRecords.Create(phase: phase).WithReady("True", "DependenciesReady", "", Then);

        var paused = ReadinessRules.Compose(before, new DriverStatus(DriverPhase.Paused, HostDiskFull), instance, Now);

        Assert.That(paused.Phase, Is.EqualTo(phase == SandboxPhase.Starting ? phase : SandboxPhase.Provisioning));
        Assert.That((paused.Ready!.Status, paused.Ready.Reason, paused.Ready.Message), Is.EqualTo(("False", "HostDiskFull", "no room")));
        var after = ReadinessRules.Compose(paused, new DriverStatus(DriverPhase.Provisioning, DriverStarting), instance, Now);
        Assert.That((after.Phase, after.Ready!.Reason), Is.EqualTo(session
            ? (SandboxPhase.Ready, "DependenciesReady")
            : (paused.Phase, "Starting")));
    }

    [TestCase(SandboxPhase.Error)]
    [TestCase(SandboxPhase.Stopped)]
    [TestCase(SandboxPhase.Stopping)]
    [TestCase(SandboxPhase.Deleting)]
    public void Compose_PausedElsewhere_ChangesNothing(SandboxPhase phase)
    {
        var record = SandboxRecords.Create(phase: phase);
        Assert.That(ReadinessRules.Compose(record, new DriverStatus(DriverPhase.Paused, HostDiskFull), null, Now), Is.SameAs(record));
    }

    // Reference 2.4 and 2.5: stored phase, what the driver says (null: nothing), session, and the phase that comes out.
    private static readonly TestCaseData[] Compositions = [.. Table("""
        stored        backend       without       with session
        Provisioning  -             Provisioning  Ready
        Provisioning  Unknown       Provisioning  Ready
        Provisioning  Provisioning  Provisioning  Ready
        Provisioning  Ready         Provisioning  Ready
        Provisioning  Error         Error         Error
        Provisioning  Deleting      Deleting      Deleting
        Provisioning  Stopped       Stopped       Stopped
        Unspecified   -             Provisioning  Ready
        Unspecified   Error         Error         Error
        Unknown       -             Provisioning  Ready
        Unknown       Ready         Provisioning  Ready
        Ready         -             Provisioning  Ready
        Ready         Unknown       Provisioning  Ready
        Ready         Provisioning  Provisioning  Ready
        Ready         Ready         Provisioning  Ready
        Ready         Error         Error         Error
        Ready         Deleting      Deleting      Deleting
        Ready         Stopped       Stopped       Stopped
        Error         -             Error         Error
        Error         Ready         Error         Error
        Error         Stopped       Error         Error
        Error         Deleting      Error         Error
        Deleting      -             Deleting      Deleting
        Deleting      Ready         Deleting      Deleting
        Deleting      Error         Deleting      Deleting
        Stopping      -             Stopping      Stopping
        Stopping      Provisioning  Stopping      Stopping
        Stopping      Ready         Stopping      Stopping
        Stopping      Deleting      Stopping      Stopping
        Stopping      Error         Error         Error
        Stopping      Stopped       Stopped       Stopped
        Stopped       -             Stopped       Stopped
        Stopped       Ready         Stopped       Stopped
        Stopped       Error         Stopped       Stopped
        Starting      -             Starting      Ready
        Starting      Provisioning  Starting      Ready
        Starting      Ready         Starting      Ready
        Starting      Error         Error         Error
        Starting      Stopped       Starting      Starting
        Starting      Deleting      Starting      Starting
        """)];

    [TestCaseSource(nameof(Compositions))]
    public void Compose_Table_IsFollowed(SandboxPhase stored, DriverPhase? backend, bool session, SandboxPhase expected)
    {
        var next = Compose(Record(stored), Snapshot(backend), session ? "boot-1" : null);

        Assert.That(next.Phase, Is.EqualTo(expected));
    }

    [TestCaseSource(nameof(Compositions))]
    public void Compose_Again_ChangesNothing(SandboxPhase stored, DriverPhase? driver, bool session, SandboxPhase expected)
    {
        var next = Compose(Record(stored), Snapshot(driver), session ? "boot-1" : null);

        var again = ReadinessRules.Compose(next, Snapshot(driver), session ? "boot-1" : null, Now.AddHours(1));

        Assert.That(again, Is.EqualTo(next), $"{expected} is where it stays");
    }

    [TestCase("ContainerExited")]
    [TestCase("ContainerStopped")]
    [TestCase("ProcessExited")]
    public void Compose_StoppingAndTheMachineHasEnded_IsStopped(string reason)
    {
        var driver = ReadinessRules.Derive(true, false, [new SandboxCondition("Ready", "False", reason, "", Then)]);

        AssertReady(Compose(Record(SandboxPhase.Stopping), driver, null), SandboxPhase.Stopped, "False", "Stopped", "Sandbox compute is stopped");
    }

    [Test]
    public void Compose_SessionConnects_SetsConditionInstanceAndTime()
    {
        var record = Record(SandboxPhase.Provisioning).WithReady("False", "Starting", "booting", Then);

        var next = Compose(record, Snapshot(DriverPhase.Ready), "boot-1");

        AssertReady(next, SandboxPhase.Ready, "True", "DependenciesReady", "Supervisor session connected");
        Assert.That((next.Ready!.LastTransition, next.InstanceId), Is.EqualTo((Now, "boot-1")));
    }

    [Test]
    public void Compose_SessionLost_SaysSo()
    {
        var record = Compose(Record(SandboxPhase.Provisioning), null, "boot-1");

        var next = ReadinessRules.Compose(record, Snapshot(DriverPhase.Ready), null, Now.AddMinutes(1));

        AssertReady(next, SandboxPhase.Provisioning, "False", "SupervisorNotConnected", "Supervisor session disconnected");
        Assert.That(next.Ready!.LastTransition, Is.EqualTo(Now.AddMinutes(1)));
        Assert.That(next.InstanceId, Is.EqualTo("boot-1"));
    }

    // Reference 4.9: made, and its supervisor not there; also for a while after a gateway restart.
    [TestCase(DriverPhase.Ready)]
    [TestCase(DriverPhase.Provisioning)]
    [TestCase(null)]
    public void Compose_WasReadyAndHasNoSession_IsNotConnectedWhateverTheDriverSays(object? driver)
    {
        var status = driver is DriverPhase phase ? Snapshot(phase) : null;
        var lost = Compose(Compose(Record(SandboxPhase.Provisioning), status, "boot-1"), status, null);

        AssertReady(lost, SandboxPhase.Provisioning, "False", "SupervisorNotConnected", "Supervisor session disconnected");
        Assert.That(Compose(lost, Snapshot(DriverPhase.Provisioning), null), Is.EqualTo(lost), "it stays until one comes");
    }

    [Test]
    public void Compose_BackendReadyWithoutSession_WaitsForTheSupervisor() => AssertReady(
        Compose(Record(SandboxPhase.Provisioning), Snapshot(DriverPhase.Ready), null),
        SandboxPhase.Provisioning, "False", "SupervisorNotConnected", "Backend ready; waiting for supervisor session");

    [Test]
    public void Compose_BackendProvisioning_TakesItsWords() => AssertReady(
        Compose(Record(SandboxPhase.Provisioning), Snapshot(DriverPhase.Provisioning), null),
        SandboxPhase.Provisioning, "False", "Starting", "booting");

    [Test]
    public void Compose_BackendError_TakesItsWords() => AssertReady(
        Compose(Record(SandboxPhase.Ready), Snapshot(DriverPhase.Error), "boot-1"),
        SandboxPhase.Error, "False", "DiskFull", "no space");

    [Test]
    public void Compose_BackendStopped_SaysSo() => AssertReady(
        Compose(Record(SandboxPhase.Ready), Snapshot(DriverPhase.Stopped), null),
        SandboxPhase.Stopped, "False", "Stopped", "Sandbox compute is stopped");

    [Test]
    public void Compose_OnlyTheReasonChanges_KeepsTheTransitionTime()
    {
        var record = Record(SandboxPhase.Provisioning).WithReady("False", "Starting", "booting", Then);

        var next = Compose(record, Snapshot(DriverPhase.Ready), null);

        Assert.That((next.Ready!.Reason, next.Ready.LastTransition), Is.EqualTo(("SupervisorNotConnected", Then)));
    }

    [Test]
    public void Compose_NothingChanges_IsEqualToTheOld()
    {
        var record = Compose(Record(SandboxPhase.Provisioning), Snapshot(DriverPhase.Ready), "boot-1");

        Assert.That(ReadinessRules.Compose(record, Snapshot(DriverPhase.Ready), "boot-1", Now.AddHours(5)), Is.EqualTo(record));
    }

    [Test]
    public void Compose_OtherConditions_AreKept()
    {
        var other = new SandboxCondition("Scheduled", "True", "Here", "", Then);

        Assert.That(Compose(Record(SandboxPhase.Provisioning) with { Conditions = [other] }, null, "boot-1").Conditions, Does.Contain(other));
    }

    [Test]
    public void Compose_SameBootComesBack_KeepsTheExitCode()
    {
        var record = Record(SandboxPhase.Provisioning) with { InstanceId = "boot-1", ExitCode = 0, ExitEpoch = 1 };

        Assert.That(Compose(record, null, "boot-1").ExitCode, Is.Zero);
    }

    [Test]
    public void Compose_NewBoot_ForgetsTheExitCode()
    {
        var record = Record(SandboxPhase.Provisioning) with { InstanceId = "boot-1", ExitCode = 0 };

        Assert.That(Compose(record, null, "boot-2").ExitCode, Is.Null);
    }

    // Reference 4.9: the exit code stays until the replacement is ready.
    [Test]
    public void Compose_StartOfAnEndedSandbox_KeepsTheExitCodeUntilTheReplacementIsReady()
    {
        var starting = Record(SandboxPhase.Starting) with { BootEpoch = 2, InstanceId = "boot-1", ExitCode = 3, ExitEpoch = 1, MainProcessStarted = Then };

        var waiting = Compose(starting, Snapshot(DriverPhase.Provisioning), null);
        Assert.That((waiting.InstanceId, waiting.ExitCode, waiting.MainProcessStarted), Is.EqualTo(("boot-1", (int?)3, (DateTimeOffset?)Then)));

        var ready = Compose(waiting, Snapshot(DriverPhase.Ready), "boot-2");
        Assert.That((ready.InstanceId, ready.ExitCode, ready.MainProcessStarted), Is.EqualTo(("boot-2", (int?)null, (DateTimeOffset?)Now)));
    }

    // A driver may call every boot of a sandbox the same.
    [Test]
    public void Exited_SameInstanceInTheNextBoot_IsANewEnd()
    {
        var record = Record(SandboxPhase.Starting) with { BootEpoch = 2, InstanceId = "pod", ExitCode = 3, ExitEpoch = 1 };

        var next = ReadinessRules.Exited(record, "pod", 2, 0, Now);

        Assert.That((next.Phase, next.ExitCode, next.ExitEpoch), Is.EqualTo((SandboxPhase.Completed, (int?)0, 2)));
    }

    // A driver without start tokens: every boot has the epoch of the first.
    [Test]
    public void Exited_NextBootHasTheSameEpoch_IsANewEnd()
    {
        var record = Record(SandboxPhase.Starting) with { Run = 2, InstanceId = "boot-1", ExitCode = 3, ExitEpoch = 1 };

        Assert.That(ReadinessRules.Exited(record, "boot-1", 1, 3, Now), Is.SameAs(record), "said again by the boot before");
        var next = ReadinessRules.Exited(record, "boot-2", 1, 0, Now);

        Assert.That((next.Phase, next.ExitCode, next.InstanceId), Is.EqualTo((SandboxPhase.Completed, (int?)0, "boot-2")));
    }

    [Test]
    public void Compose_NextBootHasTheSameEpochAndInstance_ForgetsTheExitCode()
    {
        var record = Record(SandboxPhase.Starting) with { Run = 2, InstanceId = "pod", ExitCode = 3, ExitEpoch = 1 };

        var ready = Compose(record, Snapshot(DriverPhase.Ready), "pod");

        Assert.That(ready.ExitCode, Is.Null);
        Assert.That(ReadinessRules.Exited(ready, "pod", 1, 0, Now).Phase, Is.EqualTo(SandboxPhase.Completed));
    }

    [Test]
    public void Compose_SessionComesBack_MainProcessStartedStays()
    {
        var record = Record(SandboxPhase.Provisioning) with { InstanceId = "boot-1", MainProcessStarted = Then };

        Assert.That(Compose(record, null, "boot-1").MainProcessStarted, Is.EqualTo(Then));
    }

    [TestCase(SandboxPhase.Ready)]
    [TestCase(SandboxPhase.Provisioning)]
    public void Exited_WithZero_IsCompletedAndSaysSo(SandboxPhase phase)
    {
        var next = ReadinessRules.Exited(Record(phase) with { InstanceId = "boot-1" }, "boot-1", 1, 0, Now);

        Assert.That((next.ExitCode, next.ExitEpoch), Is.EqualTo(((int?)0, 1)));
        AssertReady(next, SandboxPhase.Completed, "False", "MainProcessCompleted", "Main process exited with code 0");
        Assert.That(Compose(next, null, "boot-1"), Is.SameAs(next), "a session does not undo it");
    }

    [Test]
    public void Exited_SandboxHasFailedAlready_OnlySetsTheCode()
    {
        var next = ReadinessRules.Exited(Record(SandboxPhase.Error) with { InstanceId = "boot-1" }, "boot-1", 1, 0, Now);

        Assert.That((next.ExitCode, next.Phase), Is.EqualTo(((int?)0, SandboxPhase.Error)));
    }

    [TestCase("boot-1", 1, true)]
    [TestCase("boot-2", 1, false)]
    [TestCase("boot-1", 2, false)]
    public void OutputTaken_OfTheBootThatEnded_IsNoLongerAwaited(string instance, int epoch, bool isRight)
    {
        var record = Record(SandboxPhase.Completed) with { InstanceId = "boot-1", ExitCode = 0, ExitEpoch = 1, OutputAwaitedUntil = Now };

        var next = ReadinessRules.OutputTaken(record, instance, epoch);

        Assert.That(next is not null, Is.EqualTo(isRight));
        Assert.That(next?.OutputAwaitedUntil, Is.Null);
    }

    [TestCase(SandboxPhase.Ready, "boot-1")]
    [TestCase(SandboxPhase.Starting, "boot-0")]
    public void Exited_WithAnythingButZero_IsAnErrorThatSaysTheCode(SandboxPhase phase, string stored)
    {
        var next = ReadinessRules.Exited(Record(phase) with { InstanceId = stored }, "boot-1", 1, 143, Now);

        Assert.That(next.ExitCode, Is.EqualTo(143));
        AssertReady(next, SandboxPhase.Error, "False", "MainProcessFailed", "Main process exited with code 143");
        Assert.That(Compose(next, null, "boot-1"), Is.SameAs(next), "a session does not undo it");
    }

    [Test]
    public void Exited_Twice_KeepsTheFirstCode()
    {
        var record = Record(SandboxPhase.Ready) with { InstanceId = "boot-1", ExitCode = 3, ExitEpoch = 1 };

        Assert.That(ReadinessRules.Exited(record, "boot-1", 1, 4, Now), Is.SameAs(record));
    }

    // `true` as the main process ends before the supervisor has said hello.
    [TestCase(SandboxPhase.Provisioning, "")]
    [TestCase(SandboxPhase.Starting, "boot-0")]
    public void Exited_BeforeTheSession_IsKeptWhenTheSessionComes(SandboxPhase phase, string stored)
    {
        var record = ReadinessRules.Exited(Record(phase) with { InstanceId = stored }, "boot-1", 1, 0, Now);

        var connected = Compose(record, null, "boot-1");

        Assert.That((connected.Phase, connected.InstanceId, connected.ExitCode), Is.EqualTo((SandboxPhase.Completed, "boot-1", (int?)0)));
    }

    [Test]
    public void Exited_OtherBoot_ChangesNothing()
    {
        var record = Record(SandboxPhase.Ready) with { InstanceId = "boot-2" };

        Assert.That(ReadinessRules.Exited(record, "boot-1", 1, 3, Now), Is.SameAs(record));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void Exited_OtherEpoch_ChangesNothing(int epoch)
    {
        var record = Record(SandboxPhase.Starting) with { BootEpoch = 2, InstanceId = "boot-1" };

        Assert.That(ReadinessRules.Exited(record, "boot-1", epoch, 3, Now), Is.SameAs(record));
    }

    [TestCase(SandboxPhase.Deleting)]
    [TestCase(SandboxPhase.Stopping)]
    [TestCase(SandboxPhase.Stopped)]
    public void Exited_OnItsWayOut_ChangesNothing(SandboxPhase phase)
    {
        var record = Record(phase) with { InstanceId = "boot-1" };

        Assert.That(ReadinessRules.Exited(record, "boot-1", 1, 3, Now), Is.SameAs(record));
    }

    private static SandboxRecord Compose(SandboxRecord record, DriverStatus? driver, string? session) =>
        ReadinessRules.Compose(record, driver, session, Now);

    private static void AssertReady(SandboxRecord record, SandboxPhase phase, string status, string reason, string message) => Assert.That(
        (record.Phase, record.Ready!.Status, record.Ready.Reason, record.Ready.Message), Is.EqualTo((phase, status, reason, message)));

    private static SandboxRecord Record(SandboxPhase phase) => SandboxRecords.Create(phase: phase);

    private static SandboxCondition Suspended(string status) => new("Suspended", status, "", "", Then);

    private static DriverStatus? Snapshot(DriverPhase? phase) => phase switch
    {
        null => null,
        DriverPhase.Ready => new DriverStatus(DriverPhase.Ready, DriverReady),
        DriverPhase.Error => new DriverStatus(DriverPhase.Error, DriverFailed),
        DriverPhase.Provisioning => new DriverStatus(DriverPhase.Provisioning, DriverStarting),
        { } other => new DriverStatus(other, null),
    };

    private static IEnumerable<TestCaseData> Table(string text)
    {
        foreach (var line in text.Split('\n').Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var stored = Enum.Parse<SandboxPhase>(columns[0]);
            var driver = columns[1] == "-" ? (DriverPhase?)null : Enum.Parse<DriverPhase>(columns[1]);
            yield return new TestCaseData(stored, driver, false, Enum.Parse<SandboxPhase>(columns[2]));
            yield return new TestCaseData(stored, driver, true, Enum.Parse<SandboxPhase>(columns[3]));
        }
    }
}
