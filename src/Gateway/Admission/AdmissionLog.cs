namespace OpenShell.Gateway.Admission;

internal static partial class AdmissionLog
{
    [LoggerMessage(
        1, LogLevel.Warning, "{Method} succeeded, but that could not be stored, so its request_id stays one of unknown outcome: {Problem}",
        EventName = "RequestNotCompleted")]
    public static partial void NotCompleted(ILogger logger, string method, string problem);

    [LoggerMessage(
        2, LogLevel.Warning, "{Method} failed, and that could not be stored, so its request_id counts as one at work: {Problem}",
        EventName = "RequestNotFailed")]
    public static partial void NotFailed(ILogger logger, string method, string problem);
}
