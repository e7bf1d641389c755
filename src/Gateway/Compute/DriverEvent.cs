using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Watch;

namespace OpenShell.Gateway.Compute;

/// <summary>What the driver tells whoever watches it.</summary>
internal abstract record DriverEvent(string SandboxId);

/// <summary>A machine is there, or has changed.</summary>
internal sealed record DriverStatusEvent(string SandboxId, DriverStatus Status) : DriverEvent(SandboxId);

/// <summary>The driver has nothing of the sandbox any more.</summary>
internal sealed record DriverRemovedEvent(string SandboxId) : DriverEvent(SandboxId);

/// <summary>A step in the life of a machine, for people.</summary>
internal sealed record DriverProgressEvent(string SandboxId, SandboxPlatformEvent Event) : DriverEvent(SandboxId);
