using OpenShell.Driver.Vm.Qemu;

namespace OpenShell.Driver.Vm.Acceleration;

/// <summary>What machines run on.</summary>
/// <param name="Accelerator">The choice.</param>
/// <param name="FallbackReason">Why it is not KVM although the operator left the choice to us and the host has it; else null. The beginning of a sentence for people.</param>
internal sealed record AccelerationDecision(Accelerator Accelerator, string? FallbackReason);
