using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Http;

/// <summary>What a client of OpenShell 0.0.x is told, whose requests mean something else here.</summary>
internal static class OldClient
{
    public static readonly Failure Refusal = new(
        FailureKind.InvalidArgument,
        "this client speaks OpenShell 0.0.x, and this gateway speaks 0.1: upgrade the client to 0.1 or newer")
    {
        Reason = ErrorReasons.ClientTooOld,
    };
}
