namespace OpenShell.Gateway.Forwarding;

/// <summary>Log messages about forwarded streams.</summary>
internal static partial class ForwardLog
{
    [LoggerMessage(1, LogLevel.Debug, "Forwarding to {Target} of sandbox {SandboxId} opened with SSH session {SessionId}", EventName = "ForwardOpened")]
    public static partial void Opened(ILogger logger, string target, string sandboxId, string sessionId);

    [LoggerMessage(2, LogLevel.Debug, "Forwarding to sandbox {SandboxId} with SSH session {SessionId} closed: {Reason}", EventName = "ForwardClosed")]
    public static partial void Closed(ILogger logger, string sandboxId, string sessionId, string reason);
}
