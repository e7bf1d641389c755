namespace OpenShell.Gateway.Compute;

/// <summary>Log messages about the compute driver.</summary>
internal static partial class DriverLog
{
    [LoggerMessage(1, LogLevel.Information, "Compute driver {Name} {Version} is up", EventName = "DriverUp")]
    public static partial void DriverUp(ILogger logger, string name, string version);

    [LoggerMessage(2, LogLevel.Warning, "Compute driver exited with {ExitCode}; starting it again in {Delay}", EventName = "DriverExited")]
    public static partial void DriverExited(ILogger logger, int exitCode, TimeSpan delay);

    [LoggerMessage(3, LogLevel.Debug, "The driver's watch broke: {Reason}", EventName = "DriverWatchBroken")]
    public static partial void WatchBroken(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Error, "Compute driver {Binary} cannot be started: {Reason}", EventName = "DriverStartFailed")]
    public static partial void StartFailed(ILogger logger, string binary, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Compute driver did not stop in {Grace}; killed", EventName = "DriverKilled")]
    public static partial void DriverKilled(ILogger logger, TimeSpan grace);

    [LoggerMessage(6, LogLevel.Error, "Refused: {Reason}", EventName = "DriverRefused")]
    public static partial void Refused(ILogger logger, string reason);
}
