using System.Security.Cryptography;
using Google.Protobuf;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using WireState = OpenShell.Protocol.V1.ConfigurationAdmissionState;

namespace OpenShell.Gateway.Services;

/// <summary>Between a sandbox's configuration and the messages that supervisors exchange about it.</summary>
internal static class SandboxConfigMapping
{
    // A configuration is what the sandbox was created with; nothing changes it yet.
    private const uint FirstPolicyVersion = 1;
    private const ulong FirstConfigRevision = 1;

    private const int LongestHash = 128;

    public static SandboxPolicy? PolicyOf(SandboxRecord record) => SandboxSpec.Parser.ParseFrom(record.Spec.Span).Policy;

    public static ConfigurationRevision RevisionOf(SandboxPolicy? policy) => policy is null
        ? new ConfigurationRevision(0, "", FirstConfigRevision, 0)
        // Of the bytes that are stored: parsed and written again, they are the same ones.
        : new ConfigurationRevision(
            FirstPolicyVersion, Convert.ToHexStringLower(SHA256.HashData(policy.ToByteArray())), FirstConfigRevision, 0);

    public static GetSandboxConfigResponse ToConfig(this SandboxRecord record)
    {
        var spec = SandboxSpec.Parser.ParseFrom(record.Spec.Span);
        var revision = RevisionOf(spec.Policy);
        return new GetSandboxConfigResponse
        {
            Policy = spec.Policy,
            Version = revision.PolicyVersion,
            PolicyHash = revision.PolicyHash,
            ConfigRevision = revision.ConfigRevision,
            ProviderEnvRevision = revision.ProviderEnvironmentRevision,
            PolicySource = PolicySource.Sandbox,
            Workspace = record.Workspace,
            ProviderAttachmentEpoch = spec.ProviderAttachmentEpoch,
            ConfigurationAdmitted = record.AdmissionOfThisBoot == AdmissionState.Accepted,
            ConfigurationInstanceId = record.Admission?.InstanceId ?? "",
            ConfigurationError = record.AdmissionOfThisBoot == AdmissionState.Rejected ? record.Admission!.Error : "",
        };
    }

    /// <summary>What a sandbox says of its configuration.</summary>
    public static void AddConfiguration(this SandboxStatus status, SandboxRecord record)
    {
        status.ConfigurationActivated = record.AdmissionOfThisBoot == AdmissionState.Accepted;
        status.CurrentPolicyVersion = record.LoadedPolicyVersion;
        status.ConfigurationAdmission = record.AdmissionOfThisBoot == AdmissionState.Unspecified
            ? new SandboxConfigurationAdmission { State = WireState.Pending }
            : ToMessage(record.Admission!);
    }

    public static ConfigurationReport ToReport(ReportSandboxConfigurationRequest request)
    {
        var admission = request.Admission ?? throw GrpcErrors.InvalidField("admission", "admission is required");
        var state = admission.State switch
        {
            WireState.Pending => AdmissionState.Pending,
            WireState.Accepted => AdmissionState.Accepted,
            WireState.Rejected => AdmissionState.Rejected,
            _ => throw GrpcErrors.InvalidField("admission.state", $"admission.state {(int)admission.State} is none of PENDING, ACCEPTED, REJECTED"),
        };
        if (admission.InstanceId.Length == 0)
        {
            throw GrpcErrors.InvalidField("admission.instance_id", "admission.instance_id is required");
        }

        if (admission.PolicyHash.Length > LongestHash)
        {
            throw GrpcErrors.InvalidField(
                "admission.policy_hash", $"admission.policy_hash has {admission.PolicyHash.Length} characters; at most {LongestHash} are allowed");
        }

        return new ConfigurationReport(
            SessionMapping.Word(admission.InstanceId),
            SessionMapping.Word(request.ExpectedInstanceId),
            state,
            new ConfigurationRevision(
                admission.PolicyVersion, SessionMapping.Word(admission.PolicyHash), admission.ConfigRevision, admission.ProviderEnvRevision),
            state == AdmissionState.Rejected ? admission.Error : "");
    }

    private static SandboxConfigurationAdmission ToMessage(ConfigurationAdmission admission) => new()
    {
        InstanceId = admission.InstanceId,
        State = (WireState)admission.State,
        PolicyVersion = admission.Revision.PolicyVersion,
        PolicyHash = admission.Revision.PolicyHash,
        ConfigRevision = admission.Revision.ConfigRevision,
        ProviderEnvRevision = admission.Revision.ProviderEnvironmentRevision,
        Error = admission.Error,
    };
}
