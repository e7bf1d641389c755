using System.Text.Json.Serialization;
using OpenShell.Linux.Processes;

namespace OpenShell.Driver.Vm.Records;

/// <summary>What is known about a sandbox across restarts of the driver. Its token is never in it.</summary>
/// <param name="Desired">What the gateway last asked for.</param>
/// <param name="InstanceId">The last boot; null before the first.</param>
/// <param name="Process">Its QEMU, for as long as it is believed to run.</param>
/// <param name="Failure">Set once the sandbox cannot be used any more.</param>
/// <param name="Version">Of the record's form; records of the first drivers have none.</param>
internal sealed record MachineRecord(
    MachineSpec Spec,
    DesiredState Desired,
    string? InstanceId,
    ProcessIdentity? Process,
    MachineFailure? Failure,
    int Version = MachineRecord.CurrentVersion)
{
    /// <summary>Raised with every change that an older driver would get wrong: it leaves such a record alone.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Whether nothing is known of the sandbox but its id.</summary>
    [JsonIgnore]
    public bool IsLost => Failure?.Reason == FailureReasons.RecordLost;

    /// <summary>Stands for a record that is lost, so that the sandbox is seen, with the reason, and can be deleted. Never stored.</summary>
    public static MachineRecord Lost(string id, string message) => new(
        new MachineSpec
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

/// <summary>What the gateway last asked for.</summary>
internal enum DesiredState
{
    Running,
    Stopped,
    Deleted,
}

/// <summary>Why a sandbox can no longer be used.</summary>
/// <param name="Reason">One of the reasons in <see cref="FailureReasons"/>.</param>
/// <param name="Message">For people; never holds a secret of ours.</param>
internal sealed record MachineFailure(string Reason, string Message);

/// <summary>Reasons of the condition Ready=False that the gateway reads as an error.</summary>
internal static class FailureReasons
{
    /// <summary>QEMU ended although nobody asked for it.</summary>
    public const string ProcessExited = nameof(ProcessExited);

    /// <summary>The machine could not be started.</summary>
    public const string ProvisioningFailed = nameof(ProvisioningFailed);

    /// <summary>What was known of it is lost or cannot be read; its disk is kept.</summary>
    public const string RecordLost = nameof(RecordLost);
}

/// <summary>Serialisation of records.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MachineRecord))]
internal sealed partial class RecordJson : JsonSerializerContext;
