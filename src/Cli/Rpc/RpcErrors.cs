using Grpc.Core;
using OpenShell.Cli.Config;
using OpenShell.Cli.Hosting;

namespace OpenShell.Cli.Rpc;

/// <summary>The one place that turns a gRPC status into an error and an exit code.</summary>
internal static class RpcErrors
{
    public static CliError ToError(Status status, GatewayTarget target) => status.StatusCode switch
    {
        StatusCode.NotFound => new("not_found", Text(status), ExitCode.NotFound),
        StatusCode.PermissionDenied => new("permission_denied", Text(status), ExitCode.NotAllowed),
        StatusCode.Unauthenticated => new("unauthenticated", UnauthenticatedText(status, target), ExitCode.NotAllowed),
        StatusCode.Unavailable => new("unavailable", UnavailableText(status, target), ExitCode.Unavailable),
        StatusCode.DeadlineExceeded => new("deadline_exceeded", $"the gateway at {target.Endpoint} did not answer in time", ExitCode.Unavailable),
        StatusCode.InvalidArgument => new("invalid_argument", Text(status), ExitCode.Usage),
        StatusCode.AlreadyExists => new("already_exists", Text(status), ExitCode.Failed),
        StatusCode.FailedPrecondition => new("failed_precondition", Text(status), ExitCode.Failed),
        StatusCode.ResourceExhausted => new("resource_exhausted", Text(status), ExitCode.Failed),
        StatusCode.Unimplemented => new("unimplemented", $"the gateway at {target.Endpoint} cannot do this: {Text(status)}", ExitCode.Failed),
        StatusCode.Cancelled => new("cancelled", Text(status), ExitCode.Failed),
        _ => new("internal", Text(status), ExitCode.Failed),
    };

    /// <summary>Whether the status was made on our side of the connection: nothing that a gateway said.</summary>
    public static bool IsTransportFailure(Status status) =>
        status.DebugException is not null and not RpcException && status.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown;

    /// <summary>Whether a stream that broke with this is worth another attempt.</summary>
    public static bool MayPass(StatusCode status) => status is
        StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled or
        StatusCode.Aborted or StatusCode.ResourceExhausted or StatusCode.DeadlineExceeded;

    /// <summary>What the status says, or its name when it says nothing.</summary>
    public static string Text(Status status) => status.Detail.Length > 0 ? status.Detail : status.StatusCode.ToString();

    /// <summary>Why the connection failed, without the library's wrapping.</summary>
    public static string TransportText(Status status)
    {
        Exception? cause = status.DebugException;
        while (cause?.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause is null ? Text(status) : cause.Message.TrimEnd('.');
    }

    private static string UnavailableText(Status status, GatewayTarget target) => IsTransportFailure(status)
        ? $"cannot reach the gateway at {target.Endpoint}: {TransportText(status)}; is it running?"
        : Text(status);

    private static string UnauthenticatedText(Status status, GatewayTarget target) => target.TokenFile is { } file
        ? $"the gateway at {target.Endpoint} refused the token in {file}: {Text(status)}; give another with --token-file"
        : $"the gateway at {target.Endpoint} wants a token: {Text(status)}; give one with --token-file FILE or OPENSHELL_TOKEN_FILE";
}
