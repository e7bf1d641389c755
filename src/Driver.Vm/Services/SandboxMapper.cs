using Google.Protobuf;
using OpenShell.Driver.Kit.Watch;
using OpenShell.Driver.Vm.Admission;
using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Records;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Sandbox.V1;

namespace OpenShell.Driver.Vm.Services;

/// <summary>Between the contract's messages and the driver's own records.</summary>
internal static class SandboxMapper
{
    private const string EventSource = "vm";

    public static SandboxRequest ToRequest(DriverSandbox sandbox)
    {
        var spec = sandbox.Spec ?? new DriverSandboxSpec();
        var template = spec.Template ?? new DriverSandboxTemplate();
        var resources = template.Resources ?? new DriverResourceRequirements();
        return new SandboxRequest
        {
            Id = sandbox.Id,
            Name = sandbox.Name,
            Namespace = sandbox.Namespace,
            Workspace = sandbox.Workspace,
            Image = template.Image,
            Command = [.. spec.Command],
            Tty = spec.Tty,
            AwaitMainProcessAttachment = spec.AwaitMainProcessAttachment,
            LogLevel = spec.LogLevel,
            Environment = MergeEnvironment(template, spec),
            Labels = new Dictionary<string, string>(template.Labels),
            Policy = spec.Policy?.ToByteArray() ?? [],
            // A machine's size is fixed, so the limit is what counts.
            Cpu = FirstOf(resources.CpuLimit, resources.CpuRequest),
            Memory = FirstOf(resources.MemoryLimit, resources.MemoryRequest),
            Disk = resources.DiskLimit,
            Unsupported = [.. Unsupported(spec, template)],
        };
    }

    /// <summary>A machine as the gateway sees it: what identifies it and its status, never its environment or token.</summary>
    public static DriverSandbox ToSandbox(MachineSnapshot snapshot)
    {
        var spec = snapshot.Spec;
        var sandbox = new DriverSandbox
        {
            Id = spec.Id,
            Name = spec.Name,
            Namespace = spec.Namespace,
            Workspace = spec.Workspace,
            Spec = new DriverSandboxSpec
            {
                LogLevel = spec.LogLevel,
                Tty = spec.Tty,
                // For a gateway that has lost its database: what the machine runs under is not for it to guess.
                Policy = spec.Policy.Length > 0 ? SandboxPolicy.Parser.ParseFrom(spec.Policy) : null,
                Template = new DriverSandboxTemplate { Image = spec.Image },
            },
            Status = new DriverSandboxStatus
            {
                Name = spec.Name,
                InstanceId = snapshot.InstanceId,
                Deleting = snapshot.State == MachineState.Deleting,
            },
        };
        sandbox.Spec.Command.AddRange(spec.Command);
        sandbox.Spec.Template.Labels.Add(spec.Labels.ToDictionary());
        sandbox.Status.Conditions.AddRange(Conditions.Of(snapshot));
        return sandbox;
    }

    /// <summary>An event on the wire.</summary>
    public static WatchSandboxesEvent ToEvent(DriverEvent driverEvent) =>
        driverEvent.ToMessage(EventSource, changed => ToSandbox(((MachineChanged)changed).Snapshot));

    private static Dictionary<string, string> MergeEnvironment(DriverSandboxTemplate template, DriverSandboxSpec spec)
    {
        var environment = new Dictionary<string, string>(template.Environment);
        foreach (var (name, value) in spec.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    private static IEnumerable<string> Unsupported(DriverSandboxSpec spec, DriverSandboxTemplate template)
    {
        if (spec.ResourceRequirements?.Gpu is { } gpu && (!gpu.HasCount || gpu.Count > 0))
        {
            yield return "GPUs";
        }

        if (template.AgentSocketPath.Length > 0)
        {
            yield return "agent socket";
        }

        if (template.PlatformConfig?.Fields.Count > 0)
        {
            yield return "platform configuration";
        }

        if (template.DriverConfig?.Fields.Count > 0)
        {
            yield return "configuration of its own";
        }
    }

    private static string FirstOf(string first, string second) => first.Length > 0 ? first : second;
}
