using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Readiness;

/// <summary>Reports about configurations: who is registered, and what it may accept or reject.</summary>
internal sealed class ConfigurationRulesTests
{
    private static readonly DateTimeOffset Now = SandboxRecords.Created.AddMinutes(1);
    private static readonly ConfigurationRevision Configured = new(1, "hash", 1, 0);

    private SandboxRecord _record = null!;

    [SetUp]
    public void Create() => _record = SandboxRecords.Create() with { Provisioning = new ProvisioningAttempt("try", Now) { Deadline = Now } };

    [Test]
    public void Report_PendingThenAccepted_RegistersAndAdmits()
    {
        Take(Pending("s1"));
        Assert.That((_record.Admission!.InstanceId, _record.AdmissionOfThisBoot), Is.EqualTo(("s1", AdmissionState.Pending)));
        Assert.That(_record.Provisioning!.AdmissionStart, Is.EqualTo(Now), "the first report of the attempt");

        Take(Accepted("s1"), Now.AddSeconds(1));
        Assert.That(_record.AdmissionOfThisBoot, Is.EqualTo(AdmissionState.Accepted));
        Assert.That(_record.Provisioning!.AdmissionStart, Is.EqualTo(Now));
    }

    [Test]
    public void Report_Rejected_KeepsTheError()
    {
        Take(Pending("s1"));
        Take(Accepted("s1") with { State = AdmissionState.Rejected, Error = "no\x1b[31m Landlock" });

        Assert.That(_record.AdmissionOfThisBoot, Is.EqualTo(AdmissionState.Rejected));
        Assert.That(_record.Admission!.Error, Is.EqualTo("no\\x1b[31m Landlock"));
    }

    [Test]
    public void Report_SameAgain_SaysNothingNew()
    {
        Take(Pending("s1"));
        AssertNothingNew(Pending("s1"));
        Take(Accepted("s1"));
        AssertNothingNew(Accepted("s1"));
        // A copy that the network kept back.
        AssertNothingNew(Pending("s1"));
    }

    // Two supervisors that saw the same one registered: one of them wins.
    [Test]
    public void Report_PendingAfterAnotherOneRegistered_IsRefusedUntilItLooksAgain()
    {
        Take(Pending("s1"));
        AssertRefused(Pending("s2"), "expected_instance_id '' is not the instance that is registered ('s1')");

        Take(Pending("s2", expected: "s1"));
        Assert.That(_record.Admission!.InstanceId, Is.EqualTo("s2"));
        AssertRefused(Accepted("s1"), "instance 's1' is not registered ('s2' is)");
    }

    [Test]
    public void Report_AcceptedWithoutRegistration_IsRefused() =>
        AssertRefused(Accepted("s1"), "report CONFIGURATION_ADMISSION_STATE_PENDING first");

    [TestCase(2u, "hash", 1ul, 0ul, "admission.policy_version 2 is not what is configured (1)")]
    [TestCase(1u, "other", 1ul, 0ul, "admission.policy_hash 'other' is not what is configured ('hash')")]
    [TestCase(1u, "hash", 3ul, 0ul, "admission.config_revision 3 is not what is configured (1)")]
    [TestCase(1u, "hash", 1ul, 4ul, "admission.provider_env_revision 4 is not what is configured (0)")]
    public void Report_OtherRevisions_AreRefusedByTheFirstThatDiffers(uint version, string hash, ulong config, ulong provider, string message)
    {
        Take(Pending("s1"));
        foreach (var state in new[] { AdmissionState.Accepted, AdmissionState.Rejected })
        {
            AssertRefused(Accepted("s1") with { State = state, Revision = new ConfigurationRevision(version, hash, config, provider) }, message);
        }
    }

    [Test]
    public void Report_OfAnotherBoot_IsRefusedAndAnOldAdmissionDoesNotCount()
    {
        Take(Pending("s1"));
        Take(Accepted("s1"));
        _record = _record with { BootEpoch = 2, Run = 2 };

        Assert.That(_record.AdmissionOfThisBoot, Is.EqualTo(AdmissionState.Unspecified));
        AssertRefused(Pending("s1"), "boot epoch 1 is over");
        Take(Pending("s2", expected: "s1"), epoch: 2);
        Assert.That(_record.AdmissionOfThisBoot, Is.EqualTo(AdmissionState.Pending));
    }

    // A driver without start tokens.
    [Test]
    public void Report_AnotherRunWithTheSameEpoch_AnOldAdmissionDoesNotCount()
    {
        Take(Pending("s1"));
        Take(Accepted("s1"));
        _record = _record with { Run = 2 };

        Assert.That(_record.AdmissionOfThisBoot, Is.EqualTo(AdmissionState.Unspecified));
        AssertRefused(Accepted("s1"), "instance 's1' is not registered");
        Take(Pending("s2", expected: "s1"));
        Assert.That(_record.AdmissionOfThisBoot, Is.EqualTo(AdmissionState.Pending));
    }

    [TestCase(AdmissionState.Pending, SandboxPhase.Provisioning, "ConfigurationPending")]
    [TestCase(AdmissionState.Rejected, SandboxPhase.Provisioning, "ConfigurationRejected")]
    [TestCase(AdmissionState.Accepted, SandboxPhase.Ready, "DependenciesReady")]
    public void Compose_SessionAndAnAdmission_IsReadyOnlyWhenItIsAccepted(AdmissionState state, SandboxPhase phase, string reason)
    {
        Take(Pending("s1"));
        Take(Accepted("s1") with { State = state, Error = "it says why" });
        var composed = ReadinessRules.Compose(_record, null, "boot-1", Now);

        Assert.That((composed.Phase, composed.Ready!.Reason), Is.EqualTo((phase, reason)));
        Assert.That(composed.Ready.Message.Contains("it says why", StringComparison.Ordinal), Is.EqualTo(state == AdmissionState.Rejected));
        Assert.That(ReadinessRules.Compose(composed, null, "boot-1", Now), Is.EqualTo(composed), "nothing more changes");
    }

    [Test]
    public void Compose_ReadyAndTheSupervisorBeginsToLook_StaysReady()
    {
        var ready = ReadinessRules.Compose(_record, null, "boot-1", Now);
        _record = ready;
        Take(Pending("s1"));

        Assert.That(ReadinessRules.Compose(_record, null, "boot-1", Now).Phase, Is.EqualTo(SandboxPhase.Ready));
    }

    private static ConfigurationReport Pending(string instance, string expected = "") =>
        new(instance, expected, AdmissionState.Pending, new ConfigurationRevision(0, "", 0, 0), "");

    private static ConfigurationReport Accepted(string instance) => new(instance, "", AdmissionState.Accepted, Configured, "");

    private void Take(ConfigurationReport report, DateTimeOffset? at = null, int epoch = 1)
    {
        Assert.That(ConfigurationRules.Report(_record, Configured, report, epoch, at ?? Now).Succeeded(out var next, out var failure), Is.True, failure?.Message);
        _record = next!;
    }

    private void AssertNothingNew(ConfigurationReport report)
    {
        Assert.That(ConfigurationRules.Report(_record, Configured, report, 1, Now).Succeeded(out var next, out _), Is.True);
        Assert.That(next, Is.SameAs(_record));
    }

    private void AssertRefused(ConfigurationReport report, string message)
    {
        Assert.That(ConfigurationRules.Report(_record, Configured, report, 1, Now).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure!.Kind, Is.EqualTo(FailureKind.FailedPrecondition));
        Assert.That(failure.Message, Does.Contain(message));
    }
}
