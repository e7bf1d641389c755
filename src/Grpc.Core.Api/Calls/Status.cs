namespace Grpc.Core;

/// <summary>The outcome of a call: a code, a text for people, and on the client perhaps the local exception behind it.</summary>
public struct Status
{
    /// <summary><see cref="StatusCode.OK"/> with an empty detail.</summary>
    public static readonly Status DefaultSuccess = new(StatusCode.OK, "");

    /// <summary><see cref="StatusCode.Cancelled"/> with an empty detail.</summary>
    public static readonly Status DefaultCancelled = new(StatusCode.Cancelled, "");

    /// <summary>A status without a local cause.</summary>
    public Status(StatusCode statusCode, string detail)
        : this(statusCode, detail, null)
    {
    }

    /// <summary>A status with the local exception that caused it. The exception never goes over the wire.</summary>
    public Status(StatusCode statusCode, string detail, Exception? debugException)
    {
        StatusCode = statusCode;
        Detail = detail;
        DebugException = debugException;
    }

    /// <summary>The code.</summary>
    public StatusCode StatusCode { get; }

    /// <summary>The text for people, from the <c>grpc-message</c> trailer when it came from the server.</summary>
    public string Detail { get; }

    /// <summary>The local exception that led to this status, for diagnosis only; null for a status from the peer.</summary>
    public Exception? DebugException { get; }

    /// <summary>The parts in one line, as gRPC libraries print them.</summary>
    public override readonly string ToString() => DebugException is null
        ? $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\")"
        : $"Status(StatusCode=\"{StatusCode}\", Detail=\"{Detail}\", DebugException=\"{DebugException.GetType()}: {DebugException.Message}\")";
}
