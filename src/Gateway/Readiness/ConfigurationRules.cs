using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Readiness;

/// <summary>A supervisor's report about its sandbox's configuration.</summary>
/// <param name="InstanceId">Who reports.</param>
/// <param name="ExpectedInstanceId">Who it saw registered before it.</param>
internal sealed record ConfigurationReport(
    string InstanceId, string ExpectedInstanceId, AdmissionState State, ConfigurationRevision Revision, string Error);

/// <summary>
/// What reports about a configuration make of a record. A supervisor registers with PENDING, naming who was registered before
/// it, so that of two that start at a time one wins and the other hears of it; then it accepts or rejects exactly what is
/// configured. Pure functions.
/// </summary>
internal static class ConfigurationRules
{
    /// <summary>The record after a report, the same object if it says nothing new; FailedPrecondition for one that does not fit.</summary>
    /// <param name="configured">What the sandbox is to have.</param>
    /// <param name="bootEpoch">Of the reporter's token.</param>
    public static Outcome<SandboxRecord> Report(
        SandboxRecord record, ConfigurationRevision configured, ConfigurationReport report, int bootEpoch, DateTimeOffset now)
    {
        if (bootEpoch != record.BootEpoch)
        {
            return new Failure(FailureKind.FailedPrecondition, $"boot epoch {bootEpoch} is over; the sandbox was started again (epoch {record.BootEpoch})");
        }

        var registered = record.Admission;
        var isRegistered = registered?.InstanceId == report.InstanceId && registered.Run == record.Run;
        if (report.State == AdmissionState.Pending)
        {
            // Again, or a late copy of what has been settled meanwhile.
            if (isRegistered && registered!.State is AdmissionState.Pending or AdmissionState.Accepted)
            {
                return record;
            }

            if (!isRegistered && (registered?.InstanceId ?? "") != report.ExpectedInstanceId)
            {
                return new Failure(
                    FailureKind.FailedPrecondition,
                    $"expected_instance_id '{report.ExpectedInstanceId}' is not the instance that is registered ('{registered?.InstanceId}'): "
                    + "get the configuration again and report with its configuration_instance_id");
            }
        }
        else if (!isRegistered)
        {
            return new Failure(
                FailureKind.FailedPrecondition,
                $"instance '{report.InstanceId}' is not registered ('{registered?.InstanceId}' is): report CONFIGURATION_ADMISSION_STATE_PENDING first");
        }
        else if (Difference(configured, report.Revision) is { } difference)
        {
            return new Failure(FailureKind.FailedPrecondition, $"{difference}: get the configuration again");
        }

        var admission = new ConfigurationAdmission(report.InstanceId, record.Run, report.State, report.Revision) { Error = report.Error };
        return admission == registered ? record : record with { Admission = admission, Provisioning = Begun(record.Provisioning, now) };
    }

    /// <summary>Whether a sandbox with a session may be READY as far as its configuration is concerned.</summary>
    public static bool LetsBeReady(SandboxRecord record) => record.AdmissionOfThisBoot switch
    {
        AdmissionState.Rejected => false,
        // One that is READY already says only now that it looks at its configuration: that takes nothing away.
        AdmissionState.Pending => record.Phase == SandboxPhase.Ready,
        _ => true,
    };

    private static ProvisioningAttempt? Begun(ProvisioningAttempt? attempt, DateTimeOffset now) =>
        attempt is { AdmissionStart: null, Deadline: not null } ? attempt with { AdmissionStart = now } : attempt;

    private static string? Difference(ConfigurationRevision configured, ConfigurationRevision reported) => reported switch
    {
        _ when reported.PolicyVersion != configured.PolicyVersion =>
            $"admission.policy_version {reported.PolicyVersion} is not what is configured ({configured.PolicyVersion})",
        _ when reported.PolicyHash != configured.PolicyHash =>
            $"admission.policy_hash '{reported.PolicyHash}' is not what is configured ('{configured.PolicyHash}')",
        _ when reported.ConfigRevision != configured.ConfigRevision =>
            $"admission.config_revision {reported.ConfigRevision} is not what is configured ({configured.ConfigRevision})",
        _ when reported.ProviderEnvironmentRevision != configured.ProviderEnvironmentRevision =>
            $"admission.provider_env_revision {reported.ProviderEnvironmentRevision} is not what is configured ({configured.ProviderEnvironmentRevision})",
        _ => null,
    };
}
