using Grpc.Core;

namespace OpenShell.Protocol.Relay;

/// <summary>The gateway answered a RelayStream or ForwardTcp call with a status other than OK.</summary>
public sealed class RelayRefusedException(StatusCode code, string message) : IOException($"{code}: {message}")
{
    /// <summary>The status that the gateway gave.</summary>
    public StatusCode Code { get; } = code;

    /// <summary>What the gateway said, without the status.</summary>
    public string Detail { get; } = message;
}
