using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Untrusted;
using GrpcStatus = Grpc.Core.Status;
using RpcStatus = Google.Rpc.Status;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Failures as the exceptions that the gRPC library takes for statuses. Those with a reason or a field have details: a
/// google.rpc.Status in the trailer grpc-status-details-bin.
/// </summary>
internal static class GrpcErrors
{
    /// <summary>The trailer with the details.</summary>
    public const string DetailsTrailer = "grpc-status-details-bin";

    // The text is in the details twice more, and some clients take no more than 8 KiB of trailers.
    private const int MaxDetailText = 1024;

    public static RpcException ToException(this Failure failure)
    {
        var status = new GrpcStatus(failure.Kind.ToStatusCode(), failure.Message);
        return DetailsOf(failure).ToList() is { Count: > 0 } details
            ? ToException(status, details)
            : new RpcException(status);
    }

    /// <summary>A wrong request, for people only.</summary>
    public static RpcException InvalidArgument(string message) => new Failure(FailureKind.InvalidArgument, message).ToException();

    /// <summary>A wrong request, with the field that is to blame.</summary>
    /// <param name="field">Its path on the wire, such as spec.log_level.</param>
    public static RpcException InvalidField(string field, string message) => Failure.OfField(field, message).ToException();

    /// <summary>The value, or the failure as an exception for the gRPC library.</summary>
    public static T OrThrow<T>(this Outcome<T> outcome)
        where T : class =>
        outcome.Succeeded(out var value, out var failure) ? value : throw failure.ToException();

    /// <summary>What a broken store means to a caller.</summary>
    public static RpcException ToException(this StoreUnavailableException e) =>
        new(new GrpcStatus(e.IsFull ? StatusCode.ResourceExhausted : StatusCode.Unavailable, e.Message));

    /// <summary>
    /// The same without anything harmful in its text. One that was not made from a <see cref="Failure"/> and has somebody's words in
    /// it may have them in its details, too: those are left out.
    /// </summary>
    public static RpcException Harmless(this RpcException e)
    {
        var trailers = new Metadata();
        foreach (var entry in e.Trailers.Where(t => t.Key != DetailsTrailer))
        {
            trailers.Add(entry);
        }

        return new RpcException(new GrpcStatus(e.StatusCode, HarmlessText.Lines(e.Status.Detail)), trailers);
    }

    private static RpcException ToException(GrpcStatus status, IEnumerable<IMessage> details)
    {
        var rich = new RpcStatus
        {
            Code = (int)status.StatusCode,
            Message = HarmlessText.Lines(status.Detail, MaxDetailText),
            Details = { details.Select(Any.Pack) },
        };
        return rich.ToRpcException(status.StatusCode, status.Detail);
    }

    private static IEnumerable<IMessage> DetailsOf(Failure failure)
    {
        var reason = failure is { Reason.Length: 0, Field.Length: > 0 } ? ErrorReasons.InvalidArgument : failure.Reason;
        if (reason.Length > 0)
        {
            var info = new ErrorInfo { Reason = reason, Domain = ErrorReasons.Domain };
            foreach (var (key, value) in failure.Metadata)
            {
                info.Metadata.Add(key, HarmlessText.Line(value, MaxDetailText));
            }

            yield return info;
        }

        if (failure.Field.Length > 0)
        {
            var description = HarmlessText.Lines(failure.Message, MaxDetailText);
            yield return new BadRequest
            {
                FieldViolations =
                {
                    new BadRequest.Types.FieldViolation { Field = HarmlessText.Line(failure.Field, MaxDetailText), Description = description },
                },
            };
        }

        if (failure.RetryAfter is { } retryAfter)
        {
            yield return new RetryInfo { RetryDelay = Duration.FromTimeSpan(retryAfter) };
        }
    }
}
