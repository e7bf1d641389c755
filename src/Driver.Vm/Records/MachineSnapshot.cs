namespace OpenShell.Driver.Vm.Records;

/// <summary>A machine at one moment.</summary>
/// <param name="Spec">What it was made from.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="InstanceId">Its last boot; empty before the first.</param>
/// <param name="Failure">Set in the state Failed.</param>
/// <param name="Since">When it got into this state.</param>
/// <param name="Version">Grows with every change, over all machines: of two snapshots the higher is the newer.</param>
internal sealed record MachineSnapshot(
    SandboxSpec Spec,
    MachineState State,
    string InstanceId,
    MachineFailure? Failure,
    DateTimeOffset Since,
    long Version)
{
    /// <summary>For people, while the machine is paused because the host's disk is full.</summary>
    public string? HostDiskFull { get; init; }
}
