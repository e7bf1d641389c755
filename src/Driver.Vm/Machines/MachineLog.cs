using Microsoft.Extensions.Logging;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>Log messages about machines.</summary>
internal sealed partial class MachineLog(ILogger<MachineLog> logger)
{
    [LoggerMessage(EventName = "MachineStarted", Level = LogLevel.Information, Message = "Sandbox {SandboxId}: machine {InstanceId} runs as process {ProcessId} after {Elapsed}")]
    public partial void Started(string sandboxId, string instanceId, int processId, TimeSpan elapsed);

    [LoggerMessage(EventName = "MachineAdopted", Level = LogLevel.Information, Message = "Sandbox {SandboxId}: found its machine running as process {ProcessId}")]
    public partial void Adopted(string sandboxId, int processId);

    [LoggerMessage(EventName = "MachineStopped", Level = LogLevel.Information, Message = "Sandbox {SandboxId}: machine stopped after {Elapsed}")]
    public partial void Stopped(string sandboxId, TimeSpan elapsed);

    [LoggerMessage(EventName = "MachineDeleted", Level = LogLevel.Information, Message = "Sandbox {SandboxId}: removed")]
    public partial void Deleted(string sandboxId);

    [LoggerMessage(EventName = "MachineExited", Level = LogLevel.Warning, Message = "Sandbox {SandboxId}: QEMU ended by itself ({Reason})")]
    public partial void Exited(string sandboxId, string reason);

    [LoggerMessage(EventName = "MachineProvisioningFailed", Level = LogLevel.Warning, Message = "Sandbox {SandboxId}: {Problem}")]
    public partial void ProvisioningFailed(string sandboxId, string problem);

    [LoggerMessage(EventName = "MachineUnexpectedFailure", Level = LogLevel.Error, Message = "Sandbox {SandboxId}: unexpected failure")]
    public partial void UnexpectedFailure(string sandboxId, Exception exception);

    [LoggerMessage(EventName = "HalfMadeSandboxRemoved", Level = LogLevel.Warning, Message = "Removed {Directory}, which held no readable record")]
    public partial void HalfMadeRemoved(string directory);

    [LoggerMessage(EventName = "WarmUpFailed", Level = LogLevel.Warning, Message = "No sandbox can be started yet: {Problem}")]
    public partial void WarmUpFailed(string problem);

    [LoggerMessage(EventName = "ConsoleTrimmed", Level = LogLevel.Warning, Message = "Sandbox {SandboxId}: its console log was too long and has been cut")]
    public partial void ConsoleTrimmed(string sandboxId);

    [LoggerMessage(EventName = "ConsoleNotTrimmed", Level = LogLevel.Debug, Message = "Sandbox {SandboxId}: its console log could not be cut: {Problem}")]
    public partial void ConsoleNotTrimmed(string sandboxId, string problem);
}
