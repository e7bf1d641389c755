namespace OpenShell.Gateway.Hosting;

/// <summary>Log messages about the process as a whole.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1, LogLevel.Information, "Server listening on {Address} and unix:{LocalSocket} (supervisors: {SupervisorEndpoint}), version {Version}", EventName = "Listening")]
    public static partial void Listening(ILogger logger, string address, string localSocket, string supervisorEndpoint, string version);

    [LoggerMessage(2, LogLevel.Warning, "Callers are let in without a token (--allow-unauthenticated-users)", EventName = "Unauthenticated")]
    public static partial void Unauthenticated(ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "Shutting down", EventName = "ShuttingDown")]
    public static partial void ShuttingDown(ILogger logger);

    [LoggerMessage(4, LogLevel.Warning, "Not everything stopped in {Timeout}: {What}", EventName = "ShutdownIncomplete")]
    public static partial void ShutdownIncomplete(ILogger logger, TimeSpan timeout, string what);

    [LoggerMessage(6, LogLevel.Information, "Stopped; left over: {Sessions} sessions, {Pending} pending relays, {Active} active relays", EventName = "Stopped")]
    public static partial void Stopped(ILogger logger, int sessions, int pending, int active);
}
