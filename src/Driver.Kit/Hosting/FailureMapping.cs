using Grpc.Core;
using OpenShell.Linux.Programs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>The one place where a driver's failures become gRPC status codes and exit codes.</summary>
public static class FailureMapping
{
    /// <summary>For the caller of a method.</summary>
    public static RpcException ToException(this Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return new(new Status(ToStatusCode(failure.Kind), failure.Message));
    }

    /// <summary>For whoever started the process.</summary>
    public static int ToExitCode(this FailureKind kind) => kind switch
    {
        FailureKind.InvalidArgument => ExitCodes.Usage,
        FailureKind.PermissionDenied => ExitCodes.NotAllowed,
        FailureKind.Unavailable => ExitCodes.Unavailable,
        _ => ExitCodes.Failed,
    };

    private static StatusCode ToStatusCode(FailureKind kind) => kind switch
    {
        FailureKind.InvalidArgument => StatusCode.InvalidArgument,
        FailureKind.FailedPrecondition => StatusCode.FailedPrecondition,
        FailureKind.ResourceExhausted => StatusCode.ResourceExhausted,
        FailureKind.AlreadyExists => StatusCode.AlreadyExists,
        FailureKind.NotFound => StatusCode.NotFound,
        _ => StatusCode.Unavailable,
    };
}
