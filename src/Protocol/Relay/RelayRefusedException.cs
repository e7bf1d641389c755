using Grpc.Core;

namespace OpenShell.Protocol.Relay;

/// <summary>The gateway answered a RelayStream or ForwardTcp call with a status other than OK.</summary>
public sealed class RelayRefusedException(StatusCode code, string message) : IOException($"{code}: {message}")
{
    /// <summary>The status that the gateway gave.</summary>
    public StatusCode Code { get; } = code;

    /// <summary>The message of the status, without its code.</summary>
    public string Detail { get; } = message;
}
