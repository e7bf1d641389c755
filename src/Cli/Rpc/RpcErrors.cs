using System.Net.Sockets;
using Grpc.Core;
using OpenShell.Cli.Config;
using OpenShell.Cli.Context;
using OpenShell.Linux.Programs;
using OpenShell.Linux.Sockets;

namespace OpenShell.Cli.Rpc;

/// <summary>The one place that turns a gRPC status into an error and an exit code.</summary>
internal static class RpcErrors
{
    // Details of a deadline that passed in the client or in the gateway's gRPC library; any other is the gateway's own.
    private const string LibraryDeadlineText = "Deadline Exceeded";

    public static CliError ToError(Status status, GatewayTarget target) => status.StatusCode switch
    {
        _ when IsTransportFailure(status) => Unreachable(status.DebugException!, target),
        StatusCode.NotFound => new("not_found", NotFoundText(status), ExitCodes.NotFound),
        StatusCode.PermissionDenied => new("permission_denied", Text(status), ExitCodes.NotAllowed),
        StatusCode.Unauthenticated => new("unauthenticated", UnauthenticatedText(status, target), ExitCodes.NotAllowed),
        StatusCode.Unavailable => new("unavailable", Text(status), ExitCodes.Unavailable),
        StatusCode.DeadlineExceeded => new(
            "deadline_exceeded",
            IsOwnDeadline(status) ? $"the gateway at {target.Endpoint} did not answer in time" : Text(status),
            ExitCodes.Unavailable),
        StatusCode.InvalidArgument => new("invalid_argument", Text(status), ExitCodes.Usage),
        StatusCode.AlreadyExists => new("already_exists", Text(status), ExitCodes.Failed),
        StatusCode.FailedPrecondition => new("failed_precondition", Text(status), ExitCodes.Failed),
        StatusCode.ResourceExhausted => new("resource_exhausted", Text(status), ExitCodes.Failed),
        StatusCode.Unimplemented => new("unimplemented", $"the gateway at {target.Endpoint} cannot do this: {Text(status)}", ExitCodes.Failed),
        StatusCode.Cancelled => new("cancelled", Text(status), ExitCodes.Failed),
        _ => new("internal", Text(status), ExitCodes.Failed),
    };

    /// <summary>Whether the gateway has no such sandbox, which it says without its name.</summary>
    public static bool IsNoSandbox(Status status) => status.StatusCode == StatusCode.NotFound && status.Detail == "sandbox not found";

    /// <summary>There is no sandbox of that name.</summary>
    public static CliError NoSandbox(string name, GatewayTarget target) => CliError.NotFound(
        target.Workspace == WorkspaceName.Default
            ? $"sandbox '{name}' not found; see: openshell sandbox list"
            : $"sandbox '{name}' not found in workspace '{target.Workspace}'; see: openshell sandbox list --workspace {target.Workspace}");

    /// <summary>The sandbox of a command was deleted, and its name is that of another one.</summary>
    public static CliError Replaced(string sandbox) =>
        CliError.NotFound($"sandbox '{sandbox}' was deleted, and another one of that name was made; to use that one, do this again");

    /// <summary>Whether the status was made by the client and not by a gateway.</summary>
    public static bool IsTransportFailure(Status status) =>
        status.DebugException is not null and not RpcException
            && status.StatusCode is StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown;

    /// <summary>Whether nothing of the call can have reached the gateway.</summary>
    public static bool WasNeverConnected(Status status) =>
        status.DebugException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError };

    /// <summary>Whether an exception of a stream that gRPC does not carry comes from the connection.</summary>
    public static bool IsTransportFailure(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException or HttpIOException or SocketException or GatewayTimeoutException or UntrustedPeerException)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the client's deadline passed before the gateway answered.</summary>
    public static bool IsOwnDeadline(Status status) =>
        status.StatusCode == StatusCode.DeadlineExceeded && (status.Detail.Length == 0 || status.Detail == LibraryDeadlineText);

    /// <summary>Why there is no connection to the gateway.</summary>
    public static CliError Unreachable(Exception cause, GatewayTarget target) => UntrustedPeerException.Behind(cause) is { } untrusted
        ? CliError.NotAllowed($"nothing was sent to the gateway: {untrusted.Message}")
        : new("unavailable", $"cannot reach the gateway at {target.Endpoint}: {TransportText(cause)}; is it running?", ExitCodes.Unavailable);

    /// <summary>Whether a stream that broke with this is worth another attempt.</summary>
    public static bool MayPass(StatusCode status) => status is
        StatusCode.Unavailable or StatusCode.Internal or StatusCode.Unknown or StatusCode.Cancelled or
        StatusCode.Aborted or StatusCode.ResourceExhausted or StatusCode.DeadlineExceeded;

    /// <summary>The detail of the status, or the name of its code when it has none.</summary>
    public static string Text(Status status) => status.Detail.Length > 0 ? status.Detail : status.StatusCode.ToString();

    /// <summary>Why the connection failed, without the library's wrapping.</summary>
    public static string TransportText(Status status) => status.DebugException is { } cause ? TransportText(cause) : Text(status);

    private static string TransportText(Exception cause)
    {
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause switch
        {
            _ when cause is HttpIOException or HttpRequestException && cause.Message.Contains("ping", StringComparison.Ordinal) =>
                "it does not answer any more",
            // ENOENT of connect(2): the socket does not exist.
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } => "there is no such socket",
            _ => cause.Message.TrimEnd('.'),
        };
    }

    private static string NotFoundText(Status status) =>
        status.Detail.StartsWith("workspace '", StringComparison.Ordinal) ? $"{status.Detail}; see: openshell workspace list" : Text(status);

    private static string UnauthenticatedText(Status status, GatewayTarget target) => target.TokenFile is { } file
        ? $"the gateway at {target.Endpoint} refused the token in {file}: {Text(status)}; give another with --token-file"
        : $"the gateway at {target.Endpoint} wants a token: {Text(status)}; {target.Advice}, "
            + "or give one with --token-file FILE --send-token-in-clear";
}
