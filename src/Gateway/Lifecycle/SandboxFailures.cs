using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Why something cannot be done with a sandbox.</summary>
internal static class SandboxFailures
{
    public static Failure NotFound(this SandboxRecord sandbox) => new(FailureKind.NotFound, $"sandbox '{sandbox.Name}' not found");

    public static Failure BeingDeleted(this SandboxRecord sandbox) =>
        new(FailureKind.FailedPrecondition, $"sandbox '{sandbox.Name}' is being deleted");

    public static Failure Unreadable(this SandboxRecord sandbox) =>
        new(FailureKind.FailedPrecondition, $"sandbox '{sandbox.Name}': {sandbox.Ready!.Message}");
}
