using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Watch;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Policies;
using OpenShell.Protocol.Times;
using PublicSpec = OpenShell.Protocol.V1.SandboxSpec;
using SandboxTemplate = OpenShell.Protocol.V1.SandboxTemplate;

namespace OpenShell.Gateway.Compute;

/// <summary>Between our records and the messages of the compute driver.</summary>
internal static class DriverMapping
{
    public static DriverSandbox ToDriver(SandboxRecord record, string token)
    {
        var spec = PublicSpec.Parser.ParseFrom(record.Spec.Span);
        var template = spec.Template;
        var driverSpec = new DriverSandboxSpec
        {
            LogLevel = spec.LogLevel,
            SandboxToken = token,
            Tty = spec.Tty,
            AwaitMainProcessAttachment = record.AwaitsAttachment,
            Command = { spec.Command },
            Environment = { spec.Environment },
            // Network policies are decided on the host's side; a guest has no use for them.
            Policy = StaticPolicy.Of(spec.Policy),
            Template = new DriverSandboxTemplate
            {
                Image = template?.Image ?? "",
                Resources = ToResources(template?.Resources),
                DriverConfig = template?.DriverConfig,
            },
        };
        if (template is not null)
        {
            driverSpec.Template.Labels.Add(template.Labels);
            driverSpec.Template.Environment.Add(template.Environment);
        }

        if (spec.ResourceRequirements?.Gpu is { } gpu)
        {
            driverSpec.ResourceRequirements = new ResourceRequirements { Gpu = new GpuResourceRequirements() };
            if (gpu.HasCount)
            {
                driverSpec.ResourceRequirements.Gpu.Count = gpu.Count;
            }
        }

        return new DriverSandbox { Id = record.Id, Name = record.Name, Workspace = record.Workspace, Spec = driverSpec };
    }

    /// <summary>What the token vouches for that the machine is given.</summary>
    public static string PolicyDigest(SandboxRecord record) => StaticPolicy.Digest(PublicSpec.Parser.ParseFrom(record.Spec.Span).Policy);

    public static DriverStatus ToStatus(DriverSandboxStatus? status)
    {
        var conditions = (status?.Conditions ?? []).Select(c =>
            new SandboxCondition(c.Type, c.Status, c.Reason, c.Message, c.TransitionTime.ToTimeOr(DateTimeOffset.UnixEpoch))).ToList();
        return ReadinessRules.Derive(status is not null, status?.Deleting == true, conditions);
    }

    /// <summary>Null: an event of a kind that this gateway does not know.</summary>
    public static DriverEvent? ToEvent(WatchSandboxesEvent next) => next.PayloadCase switch
    {
        WatchSandboxesEvent.PayloadOneofCase.Sandbox => new DriverStatusEvent(next.Sandbox.Sandbox.Id, ToStatus(next.Sandbox.Sandbox.Status)),
        WatchSandboxesEvent.PayloadOneofCase.Deleted => new DriverRemovedEvent(next.Deleted.SandboxId),
        WatchSandboxesEvent.PayloadOneofCase.PlatformEvent =>
            new DriverProgressEvent(next.PlatformEvent.SandboxId, ToPlatformEvent(next.PlatformEvent.Event)),
        _ => null,
    };

    public static DriverMachine ToMachine(DriverSandbox machine)
    {
        var spec = machine.Spec;
        var known = new PublicSpec
        {
            LogLevel = spec?.LogLevel ?? "",
            Tty = spec?.Tty ?? false,
            Command = { spec?.Command ?? [] },
            Policy = spec?.Policy,
            Template = new SandboxTemplate { Image = spec?.Template?.Image ?? "" },
        };
        return new DriverMachine(
            machine.Id,
            machine.Name,
            machine.Workspace,
            spec?.Template?.Labels.ToImmutableDictionary() ?? ImmutableDictionary<string, string>.Empty,
            known.ToByteArray(),
            ToStatus(machine.Status));
    }

    public static Failure ToFailure(Status status) => status.StatusCode switch
    {
        _ when UntrustedPeerException.Behind(status.DebugException) is { } untrusted => new Failure(FailureKind.Unavailable, untrusted.Message),
        StatusCode.InvalidArgument => new Failure(FailureKind.InvalidArgument, status.Detail),
        StatusCode.FailedPrecondition => new Failure(FailureKind.FailedPrecondition, status.Detail),
        StatusCode.AlreadyExists => new Failure(FailureKind.AlreadyExists, status.Detail),
        StatusCode.NotFound => new Failure(FailureKind.NotFound, status.Detail),
        StatusCode.ResourceExhausted => new Failure(FailureKind.ResourceExhausted, status.Detail),
        StatusCode.Unimplemented => new Failure(FailureKind.Unimplemented, $"the compute driver cannot do this: {status.Detail}"),
        StatusCode.Unavailable => new Failure(FailureKind.Unavailable, "the compute driver is not running; see the gateway's log"),
        StatusCode.DeadlineExceeded => new Failure(FailureKind.DeadlineExceeded, "the compute driver did not answer in time"),
        _ => new Failure(FailureKind.Internal, $"compute driver: {status.Detail}"),
    };

    private static SandboxPlatformEvent ToPlatformEvent(DriverPlatformEvent platformEvent) => new(
        platformEvent.EventTime.ToTimeOr(DateTimeOffset.UnixEpoch),
        platformEvent.Source,
        platformEvent.Type,
        platformEvent.Reason,
        platformEvent.Message,
        platformEvent.Metadata.ToImmutableDictionary());

    // Kubernetes' shape, as OpenShell has it: {"requests": {"cpu": …}, "limits": {"cpu": …, "memory": …, "ephemeral-storage": …}}.
    private static DriverResourceRequirements ToResources(Struct? resources) => new()
    {
        CpuRequest = Quantity(resources, "requests", "cpu"),
        CpuLimit = Quantity(resources, "limits", "cpu"),
        MemoryRequest = Quantity(resources, "requests", "memory"),
        MemoryLimit = Quantity(resources, "limits", "memory"),
        DiskLimit = Quantity(resources, "limits", "ephemeral-storage"),
    };

    private static string Quantity(Struct? resources, string kind, string name)
    {
        if (resources?.Fields.TryGetValue(kind, out var group) != true
            || group!.StructValue?.Fields.TryGetValue(name, out var value) != true)
        {
            return "";
        }

        return value!.KindCase == Value.KindOneofCase.NumberValue
            ? value.NumberValue.ToString(CultureInfo.InvariantCulture)
            : value.StringValue;
    }
}
