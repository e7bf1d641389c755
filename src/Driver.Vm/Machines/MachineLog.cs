using Microsoft.Extensions.Logging;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Log messages about machines.</summary>
internal sealed partial class MachineLog(ILogger<MachineLog> logger)
{
    [LoggerMessage(1, LogLevel.Information, "Sandbox {SandboxId}: machine {InstanceId} runs as process {ProcessId} after {Elapsed}", EventName = "MachineStarted")]
    public partial void Started(string sandboxId, string instanceId, int processId, TimeSpan elapsed);

    [LoggerMessage(2, LogLevel.Information, "Sandbox {SandboxId}: found its machine running as process {ProcessId}", EventName = "MachineAdopted")]
    public partial void Adopted(string sandboxId, int processId);

    [LoggerMessage(3, LogLevel.Information, "Sandbox {SandboxId}: machine stopped after {Elapsed}", EventName = "MachineStopped")]
    public partial void Stopped(string sandboxId, TimeSpan elapsed);

    [LoggerMessage(4, LogLevel.Information, "Sandbox {SandboxId}: removed", EventName = "MachineDeleted")]
    public partial void Deleted(string sandboxId);

    [LoggerMessage(5, LogLevel.Warning, "Sandbox {SandboxId}: QEMU ended by itself ({Reason})", EventName = "MachineExited")]
    public partial void Exited(string sandboxId, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Sandbox {SandboxId}: {Problem}", EventName = "MachineProvisioningFailed")]
    public partial void ProvisioningFailed(string sandboxId, string problem);

    [LoggerMessage(7, LogLevel.Error, "Sandbox {SandboxId}: unexpected failure", EventName = "MachineUnexpectedFailure")]
    public partial void UnexpectedFailure(string sandboxId, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Removed {Directory}, which held no record", EventName = "HalfMadeSandboxRemoved")]
    public partial void HalfMadeRemoved(string directory);

    [LoggerMessage(13, LogLevel.Error, "Sandbox {SandboxId}: {Problem}", EventName = "RecordLost")]
    public partial void RecordLost(string sandboxId, string problem);

    [LoggerMessage(14, LogLevel.Debug, "Sandbox {SandboxId}: it could not be taken over from the last driver", EventName = "MachineNotAdopted")]
    public partial void NotAdopted(string sandboxId, Exception exception);

    [LoggerMessage(15, LogLevel.Warning, "Other users could read {Path}; it has been closed to them", EventName = "ClosedToOthers")]
    public partial void ClosedToOthers(string path);

    [LoggerMessage(16, LogLevel.Warning, "{Path} is no sandbox's directory; it is left alone", EventName = "ForeignEntry")]
    public partial void Foreign(string path);

    [LoggerMessage(20, LogLevel.Warning, "Sandbox {SandboxId}: paused, the host's disk is full at {Path} ({Free} free)", EventName = "HostDiskFull")]
    public partial void HostDiskFull(string sandboxId, string path, string free);

    [LoggerMessage(21, LogLevel.Information, "Sandbox {SandboxId}: goes on, the host's disk has room again", EventName = "HostDiskFreed")]
    public partial void HostDiskFreed(string sandboxId);

    [LoggerMessage(22, LogLevel.Warning, "Sandbox {SandboxId}: the host refused a read or a write of its disk, and its guest was told: {Reason}", EventName = "HostDiskFailed")]
    public partial void HostDiskFailed(string sandboxId, string reason);

    [LoggerMessage(23, LogLevel.Warning, "Sandbox {SandboxId}: its record could not be written: {Problem}", EventName = "RecordNotSaved")]
    public partial void NotSaved(string sandboxId, string problem);
}
