using OpenShell.Driver.Vm.Machines;
using OpenShell.Driver.Vm.Native;

namespace OpenShell.Driver.Vm.Records;

/// <summary>What is known about a sandbox across restarts of the driver. Its token is never in it.</summary>
/// <param name="Spec">What was asked for.</param>
/// <param name="Desired">What the gateway last asked for.</param>
/// <param name="InstanceId">The last boot; null before the first.</param>
/// <param name="Process">Its QEMU, for as long as it is believed to run.</param>
/// <param name="Failure">Set once the sandbox cannot be used any more.</param>
internal sealed record SandboxRecord(
    SandboxSpec Spec,
    DesiredState Desired,
    string? InstanceId,
    ProcessIdentity? Process,
    MachineFailure? Failure);
