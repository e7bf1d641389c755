using Grpc.Core;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Services;

/// <summary>The one place where refusals become gRPC status codes.</summary>
internal static class RefusalStatus
{
    public static RpcException ToException(Refusal refusal) => new(new Status(CodeOf(refusal.Kind), refusal.Message));

    private static StatusCode CodeOf(RefusalKind kind) => kind switch
    {
        RefusalKind.Invalid => StatusCode.InvalidArgument,
        RefusalKind.Precondition => StatusCode.FailedPrecondition,
        RefusalKind.Exhausted => StatusCode.ResourceExhausted,
        RefusalKind.Exists => StatusCode.AlreadyExists,
        RefusalKind.NotFound => StatusCode.NotFound,
        _ => StatusCode.Unavailable,
    };
}
