namespace OpenShell.Gateway.Sessions;

/// <summary>Log messages about supervisor sessions.</summary>
internal static partial class SessionLog
{
    [LoggerMessage(1, LogLevel.Information, "Supervisor of sandbox {SandboxId} connected, session {SessionId}, version {Version}, superseding {Superseding}", EventName = "SessionConnected")]
    public static partial void Connected(ILogger logger, string sandboxId, string sessionId, string version, bool superseding);

    [LoggerMessage(2, LogLevel.Information, "Session {SessionId} of sandbox {SandboxId} ended: {Reason}", EventName = "SessionEnded")]
    public static partial void Ended(ILogger logger, string sandboxId, string sessionId, SessionEnd reason);

    [LoggerMessage(3, LogLevel.Warning, "Supervisor of sandbox {SandboxId} rejected: {Reason}", EventName = "SessionRejected")]
    public static partial void Rejected(ILogger logger, string sandboxId, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Session {SessionId} of sandbox {SandboxId} shows another SSH host key than the sandbox is known by; its own log has both", EventName = "SessionHostKeyChanged")]
    public static partial void HostKeyChanged(ILogger logger, string sandboxId, string sessionId);
}
