namespace OpenShell.Gateway;

/// <summary>Kinds of expected failures. Mapped to gRPC statuses in Services/GrpcErrors, and nowhere else.</summary>
internal enum FailureKind
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
internal sealed record Failure(FailureKind Kind, string Message);
