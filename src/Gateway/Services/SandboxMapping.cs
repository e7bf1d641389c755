using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Untrusted;
using OpenShell.Protocol.V1;
using WirePhase = OpenShell.Protocol.V1.SandboxPhase;

namespace OpenShell.Gateway.Services;

/// <summary>Between our records and the messages of the public API.</summary>
internal static class SandboxMapping
{
    /// <summary>Terms of a label selector; each is a condition of the query, and SQLite takes 1000 at most.</summary>
    public const int MaxSelectorTerms = 64;

    // What of a wrong term is said again.
    private const int MaxQuoted = 128;

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

    /// <summary>Parses "key=value,key=value".</summary>
    public static Outcome<ImmutableDictionary<string, string>> ToLabels(string selector)
    {
        var labels = ImmutableDictionary.CreateBuilder<string, string>();
        // One more than what is taken: what is behind it stays unsplit.
        var pairs = selector.Split(',', MaxSelectorTerms + 1, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (pairs.Length > MaxSelectorTerms)
        {
            return new Failure(FailureKind.InvalidArgument, $"the label selector has more than {MaxSelectorTerms} terms");
        }

        foreach (var pair in pairs)
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                return new Failure(
                    FailureKind.InvalidArgument, $"label selector '{HarmlessText.Line(pair, MaxQuoted)}' is not of the form key=value");
            }

            labels[pair[..equals]] = pair[(equals + 1)..];
        }

        return labels.ToImmutable();
    }

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
