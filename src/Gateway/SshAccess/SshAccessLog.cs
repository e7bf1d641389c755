namespace OpenShell.Gateway.SshAccess;

/// <summary>Log messages about tokens for SSH.</summary>
internal static partial class SshAccessLog
{
    [LoggerMessage(1, LogLevel.Warning, "Old SSH sessions stay until the next round: {Reason}", EventName = "SshSessionsNotReaped")]
    public static partial void ReapFailed(ILogger logger, string reason);
}
