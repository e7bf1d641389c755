namespace OpenShell.Gateway.Sandboxes;

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
}
