using OpenShell.Protocol.Untrusted;

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
internal sealed record Failure(FailureKind Kind, string Message)
{
    /// <summary>For people, wherever it goes from here; it may have words of a guest or a caller.</summary>
    public string Message { get; init => field = HarmlessText.Lines(value); } = HarmlessText.Lines(Message);
}
