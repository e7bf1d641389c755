namespace OpenShell.Gateway.Admission;

internal static partial class AdmissionLog
{
    [LoggerMessage(
        1, LogLevel.Warning, "{Method} succeeded, but that could not be stored, so its request_id stays one of unknown outcome: {Problem}",
        EventName = "RequestNotCompleted")]
    public static partial void NotCompleted(ILogger logger, string method, string problem);
}
