using Grpc.Core;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Http;

/// <summary>The one place where failures become gRPC statuses.</summary>
internal static class GrpcStatuses
{
    public static StatusCode ToStatusCode(this FailureKind kind) => kind switch
    {
        FailureKind.InvalidArgument => StatusCode.InvalidArgument,
        FailureKind.Unauthenticated => StatusCode.Unauthenticated,
        FailureKind.PermissionDenied => StatusCode.PermissionDenied,
        FailureKind.NotFound => StatusCode.NotFound,
        FailureKind.AlreadyExists => StatusCode.AlreadyExists,
        FailureKind.FailedPrecondition => StatusCode.FailedPrecondition,
        FailureKind.ResourceExhausted => StatusCode.ResourceExhausted,
        FailureKind.Aborted => StatusCode.Aborted,
        FailureKind.OutOfRange => StatusCode.OutOfRange,
        FailureKind.DeadlineExceeded => StatusCode.DeadlineExceeded,
        FailureKind.Unavailable => StatusCode.Unavailable,
        FailureKind.Unimplemented => StatusCode.Unimplemented,
        _ => StatusCode.Internal,
    };
}
