using Google.Protobuf.WellKnownTypes;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;
using WirePhase = OpenShell.Protocol.V1.SandboxPhase;

namespace OpenShell.Gateway.Services;

/// <summary>Between our records and the messages of the public API.</summary>
internal static class SandboxMapping
{
    public static SandboxResponse ToResponse(this SandboxRecord record) => new() { Sandbox = record.ToMessage() };

    public static Sandbox ToMessage(this SandboxRecord record) => new()
    {
        Metadata = new ObjectMeta
        {
            Id = record.Id,
            Name = record.Name,
            Workspace = record.Workspace,
            CreatedTime = record.CreatedAt.ToTimestamp(),
            ResourceVersion = record.ResourceVersion,
            Labels = { record.Labels },
            Annotations = { record.Annotations },
        },
        Spec = SandboxSpec.Parser.ParseFrom(record.Spec.Span),
        Status = ToStatus(record),
        HostKeyFingerprint = record.HostKeyFingerprint,
    };

    public static PlatformEvent ToMessage(this SandboxPlatformEvent platformEvent) => new()
    {
        EventTime = platformEvent.Time.ToTimestamp(),
        Source = platformEvent.Source,
        Type = platformEvent.Type,
        Reason = platformEvent.Reason,
        Message = platformEvent.Message,
        Metadata = { platformEvent.Metadata },
    };

    private static SandboxStatus ToStatus(SandboxRecord record)
    {
        var status = new SandboxStatus
        {
            Phase = (WirePhase)record.Phase,
            MainProcessInstanceId = record.InstanceId,
            Conditions =
            {
                record.Conditions.Select(c => new Protocol.V1.SandboxCondition
                {
                    Type = c.Type,
                    Status = c.Status,
                    Reason = c.Reason,
                    Message = c.Message,
                    TransitionTime = c.LastTransition.ToTimestamp(),
                }),
            },
        };
        status.AddConfiguration(record);
        if (record.ExitCode is { } exitCode)
        {
            status.ExitCode = exitCode;
        }

        status.RestartCount = (uint)record.RestartCount;
        status.NextRestartTime = record.NextRestart?.ToTimestamp();
        status.MainProcessStartedTime = record.MainProcessStarted?.ToTimestamp();
        status.Provisioning = record.Provisioning is { } attempt ? ToMessage(record, attempt) : null;

        return status;
    }

    private static SandboxProvisioning ToMessage(SandboxRecord record, ProvisioningAttempt attempt)
    {
        // What the driver is told next, or again if the gateway is killed.
        var isPending = record.IsRestarting || record.IsUnfinished || attempt.NeedsCleanup;
        return new SandboxProvisioning
        {
            AttemptId = attempt.Id,
            PreparationDeadline = attempt.PreparationDeadline.ToTimestamp(),
            Deadline = attempt.Deadline?.ToTimestamp(),
            AdmissionStartTime = attempt.AdmissionStart?.ToTimestamp(),
            TimeoutTime = attempt.TimedOut?.ToTimestamp(),
            CleanupCompletedTime = attempt.CleanedUp?.ToTimestamp(),
            CleanupError = attempt.CleanupError,
            CleanupRetryTime = attempt.CleanupRetry?.ToTimestamp(),
            DriverOperationPending = isPending,
            DriverOperationId = isPending ? attempt.Id : "",
        };
    }
}
