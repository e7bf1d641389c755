namespace OpenShell.Protocol.Outcomes;

/// <summary>Reasons of failures, as programs tell them apart: google.rpc.ErrorInfo.reason, with their domain.</summary>
public static class ErrorReasons
{
    /// <summary>Of all reasons.</summary>
    public const string Domain = "openshell.nvidia.com";

    /// <summary>A field is wrong; a google.rpc.BadRequest beside it names it.</summary>
    public const string InvalidArgument = "INVALID_ARGUMENT";

    /// <summary>Somebody has written in between: read again.</summary>
    public const string ResourceVersionConflict = "RESOURCE_VERSION_CONFLICT";

    /// <summary>The request_id was used with another request.</summary>
    public const string RequestIdPayloadMismatch = "REQUEST_ID_PAYLOAD_MISMATCH";

    /// <summary>The first request with this request_id runs, has failed, or was lost.</summary>
    public const string RequestOutcomeUncertain = "REQUEST_OUTCOME_UNCERTAIN";

    /// <summary>The first request with this request_id succeeded, but what it made is gone or changed.</summary>
    public const string RequestReplayUnavailable = "REQUEST_REPLAY_UNAVAILABLE";

    /// <summary>The first request with this request_id was a stream, which is over.</summary>
    public const string RequestStreamUnavailable = "REQUEST_STREAM_UNAVAILABLE";

    /// <summary>Of our own: the request is one of OpenShell 0.0.x.</summary>
    public const string ClientTooOld = "CLIENT_TOO_OLD";
}
