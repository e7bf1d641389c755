using OpenShell.Protocol.Untrusted;

namespace OpenShell.Protocol.Outcomes;

/// <summary>
/// Kinds of expected failures, named as the gRPC statuses that they become; each program maps them in one place
/// (the gateway: Http/GrpcStatuses).
/// </summary>
public enum FailureKind
{
    InvalidArgument,
    Unauthenticated,
    PermissionDenied,
    NotFound,
    AlreadyExists,
    FailedPrecondition,
    ResourceExhausted,
    Aborted,
    DeadlineExceeded,
    Unavailable,
    Internal,
}

/// <summary>An expected failure: what kind, and a sentence for the caller with the value and what to do.</summary>
public sealed record Failure(FailureKind Kind, string Message)
{
    /// <summary>For people, wherever it goes from here; it may have words of a guest or a caller.</summary>
    public string Message { get; init => field = HarmlessText.Lines(value); } = HarmlessText.Lines(Message);
}
