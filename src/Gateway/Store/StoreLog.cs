namespace OpenShell.Gateway.Store;

/// <summary>Log messages of the store.</summary>
internal static partial class StoreLog
{
    [LoggerMessage(1, LogLevel.Error, "The health check of the database failed", EventName = "HealthCheckFailed")]
    public static partial void HealthCheckFailed(ILogger logger, Exception e);
}
