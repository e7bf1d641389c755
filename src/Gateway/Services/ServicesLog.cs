namespace OpenShell.Gateway.Services;

/// <summary>Log messages of the gRPC facade.</summary>
internal static partial class ServicesLog
{
    [LoggerMessage(1, LogLevel.Error, "{Method} failed", EventName = "CallFailed")]
    public static partial void Defect(ILogger logger, Exception exception, string method);

    [LoggerMessage(2, LogLevel.Error, "{Method}: {Reason}", EventName = "StoreUnavailable")]
    public static partial void StoreUnavailable(ILogger logger, string method, string reason);
}
