using Grpc.Core;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Services;

/// <summary>Failures as the exceptions that the gRPC library takes for statuses.</summary>
internal static class GrpcErrors
{
    public static RpcException ToException(this Failure failure) => new(new Status(failure.Kind.ToStatusCode(), failure.Message));

    public static RpcException InvalidArgument(string message) => new Failure(FailureKind.InvalidArgument, message).ToException();

    /// <summary>The value, or the failure as an exception for the gRPC library.</summary>
    public static T OrThrow<T>(this Outcome<T> outcome)
        where T : class =>
        outcome.Succeeded(out var value, out var failure) ? value : throw failure.ToException();

    /// <summary>What a broken store means to a caller.</summary>
    public static RpcException ToException(this StoreUnavailableException e) =>
        new(new Status(e.IsFull ? StatusCode.ResourceExhausted : StatusCode.Unavailable, e.Message));
}
