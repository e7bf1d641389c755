namespace OpenShell.Gateway.Lifecycle;

/// <summary>Log messages about the life of sandboxes.</summary>
internal static partial class SandboxLog
{
    [LoggerMessage(1, LogLevel.Information, "Sandbox {Name} ({SandboxId}) created", EventName = "SandboxCreated")]
    public static partial void Created(ILogger logger, string name, string sandboxId);

    [LoggerMessage(2, LogLevel.Information, "Sandbox {Name} ({SandboxId}) deleted", EventName = "SandboxDeleted")]
    public static partial void Deleted(ILogger logger, string name, string sandboxId);

    [LoggerMessage(3, LogLevel.Information, "Sandbox {Name} ({SandboxId}) stopped", EventName = "SandboxStopped")]
    public static partial void Stopped(ILogger logger, string name, string sandboxId);

    [LoggerMessage(4, LogLevel.Information, "Sandbox {Name} ({SandboxId}) started, boot epoch {BootEpoch}", EventName = "SandboxStarted")]
    public static partial void Started(ILogger logger, string name, string sandboxId, int bootEpoch);

    [LoggerMessage(5, LogLevel.Warning, "Sandbox {Name} ({SandboxId}): {Operation} failed: {Reason}", EventName = "SandboxOperationFailed")]
    public static partial void Failed(ILogger logger, string name, string sandboxId, string operation, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Sandbox {Name} ({SandboxId}): its machine has disappeared", EventName = "SandboxMachineGone")]
    public static partial void MachineGone(ILogger logger, string name, string sandboxId);

    [LoggerMessage(7, LogLevel.Warning, "The key of the sandboxes' tokens is new: sandbox {Name} ({SandboxId}) is restarted with a new token", EventName = "SandboxKeyLost")]
    public static partial void KeyLost(ILogger logger, string name, string sandboxId);

    [LoggerMessage(8, LogLevel.Warning, "The driver has a machine {Name} ({SandboxId}) that no sandbox of this gateway belongs to: it is kept; docs/state-files.md says how to get it back or to remove it", EventName = "StrayMachineKept")]
    public static partial void StrayKept(ILogger logger, string name, string sandboxId);

    [LoggerMessage(10, LogLevel.Warning, "Sandbox {Name} ({SandboxId}) is taken over from the driver into the new database", EventName = "StrayMachineAdopted")]
    public static partial void StrayAdopted(ILogger logger, string name, string sandboxId);

    [LoggerMessage(11, LogLevel.Error, "Sandbox {Name} ({SandboxId}): its row in the database cannot be read; it and its disk are kept until it is deleted", EventName = "SandboxRowUnreadable")]
    public static partial void RowUnreadable(ILogger logger, string name, string sandboxId);

    [LoggerMessage(9, LogLevel.Warning, "The driver could not be compared with the store: {Reason}", EventName = "ReconcileFailed")]
    public static partial void ReconcileFailed(ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Error, "Sandboxes could not be brought back: {Reason}", EventName = "SweepFailed")]
    public static partial void RecoveryFailed(ILogger logger, string reason);

    [LoggerMessage(13, LogLevel.Warning, "Sandbox {Name} ({SandboxId}) was not ready in time: its machine is stopped", EventName = "SandboxProvisioningTimeout")]
    public static partial void TimedOut(ILogger logger, string name, string sandboxId);

    [LoggerMessage(14, LogLevel.Warning, "What is due for sandbox {SandboxId} could not be done yet: {Reason}", EventName = "SandboxDeadlinePostponed")]
    public static partial void DeadlinePostponed(ILogger logger, string sandboxId, string reason);
}
