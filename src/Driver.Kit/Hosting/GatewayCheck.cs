using OpenShell.Protocol.Extension.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Peers;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>Whether a driver works for a gateway, by what that says of itself when it asks for the capabilities.</summary>
public static class GatewayCheck
{
    /// <param name="gateway">What it says; null: nothing.</param>
    /// <param name="driver">What the driver says of itself.</param>
    /// <returns>Why not; null if it does.</returns>
    public static Failure? Check(PeerMetadata? gateway, PeerMetadata driver) =>
        ComputeContract.Check(gateway, "the gateway", driver) is { } refusal ? new Failure(FailureKind.FailedPrecondition, refusal) : null;
}
