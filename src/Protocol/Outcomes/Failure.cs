using System.Collections.Immutable;
using System.Globalization;
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
    OutOfRange,
    DeadlineExceeded,
    Unavailable,
    Unimplemented,
    Internal,
}

/// <summary>
/// An expected failure: what kind, and a sentence for the caller with the value and what to do. Programs tell failures
/// apart by kind and reason, never by the sentence.
/// </summary>
public sealed record Failure(FailureKind Kind, string Message)
{
    /// <summary>For people, wherever it goes from here; it may have words of a guest or a caller.</summary>
    public string Message { get; init => field = HarmlessText.Lines(value); } = HarmlessText.Lines(Message);

    /// <summary>The field of the request that is wrong, by its path on the wire; empty: it is not about one, or has no details.</summary>
    public string Field { get; init => field = HarmlessText.Line(value); } = "";

    /// <summary>For programs, one of <see cref="ErrorReasons"/>; empty: the kind says it all, unless there is a <see cref="Field"/>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What belongs to the reason; its values may have words of a guest or a caller.</summary>
    public ImmutableDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>When to try again; null: it cannot be said.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A field of a request has no value that it may have.</summary>
    /// <param name="field">Its path on the wire, such as spec.log_level.</param>
    public static Failure OfField(string field, string message) => new(FailureKind.InvalidArgument, message) { Field = field };

    /// <summary>What was to be changed has been changed by somebody else since it was read.</summary>
    /// <param name="operation">What failed, as a noun.</param>
    /// <param name="currentVersion">The version that it has now; null if nobody knows.</param>
    public static Failure VersionConflict(string operation, ulong? currentVersion)
    {
        var current = currentVersion?.ToString(CultureInfo.InvariantCulture);
        var metadata = ImmutableDictionary<string, string>.Empty.Add("recovery", "REFRESH_STATE");
        return new Failure(
            FailureKind.Aborted,
            $"{operation} failed due to concurrent modification{(current is null ? "" : $" (current resource_version: {current})")}")
        {
            Reason = ErrorReasons.ResourceVersionConflict,
            Metadata = current is null ? metadata : metadata.Add("current_resource_version", current),
        };
    }
}
