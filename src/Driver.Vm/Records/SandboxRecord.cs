using System.Text.Json.Serialization;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Records;

/// <summary>What is known about a sandbox across restarts of the driver. Its token is never in it.</summary>
/// <param name="Spec">What was asked for.</param>
/// <param name="Desired">What the gateway last asked for.</param>
/// <param name="InstanceId">The last boot; null before the first.</param>
/// <param name="Process">Its QEMU, for as long as it is believed to run.</param>
/// <param name="Failure">Set once the sandbox cannot be used any more.</param>
/// <param name="Version">Of the record's form; records of the first drivers have none.</param>
internal sealed record SandboxRecord(
    SandboxSpec Spec,
    DesiredState Desired,
    string? InstanceId,
    ProcessIdentity? Process,
    MachineFailure? Failure,
    int Version = SandboxRecord.CurrentVersion)
{
    /// <summary>Raised with every change that an older driver would get wrong: it leaves such a record alone.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Whether nothing is known of the sandbox but its id.</summary>
    [JsonIgnore]
    public bool IsLost => Failure?.Reason == FailureReasons.RecordLost;

    /// <summary>Stands for a record that is lost, so that the sandbox is seen, with the reason, and can be deleted. Never stored.</summary>
    public static SandboxRecord Lost(string id, string message) => new(
        new SandboxSpec
        {
            Id = id,
            Name = id,
            Namespace = "",
            Workspace = "",
            Image = "",
            Command = [],
            Tty = false,
            LogLevel = "",
            Environment = new Dictionary<string, string>(),
            Labels = new Dictionary<string, string>(),
            Size = new MachineSize(0, default, default),
        },
        DesiredState.Stopped,
        InstanceId: null,
        Process: null,
        new MachineFailure(FailureReasons.RecordLost, message));
}
