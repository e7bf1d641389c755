using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

/// <summary>What the compute driver said last about a sandbox, in one word.</summary>
internal enum DriverPhase
{
    /// <summary>It has not said anything, or nothing of use.</summary>
    Unknown,
    Provisioning,

    /// <summary>Its machine is paused and goes on by itself: commands do not run, whether or not a session lives.</summary>
    Paused,
    Ready,
    Error,
    Deleting,
    Stopped,
}

/// <summary>The driver's view of one sandbox.</summary>
/// <param name="Phase">Derived from the driver's conditions.</param>
/// <param name="Ready">Its own Ready condition, if it has one.</param>
internal sealed record DriverStatus(DriverPhase Phase, SandboxCondition? Ready);
