using Grpc.Core;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Services;

/// <summary>The one place where failures become gRPC status codes.</summary>
internal static class FailureStatus
{
    public static RpcException ToException(Failure failure) => new(new Status(CodeOf(failure.Kind), failure.Message));

    private static StatusCode CodeOf(FailureKind kind) => kind switch
    {
        FailureKind.InvalidArgument => StatusCode.InvalidArgument,
        FailureKind.FailedPrecondition => StatusCode.FailedPrecondition,
        FailureKind.ResourceExhausted => StatusCode.ResourceExhausted,
        FailureKind.AlreadyExists => StatusCode.AlreadyExists,
        FailureKind.NotFound => StatusCode.NotFound,
        _ => StatusCode.Unavailable,
    };
}
