namespace OpenShell.Driver.Vm.Records;

/// <summary>A machine at one moment.</summary>
/// <param name="InstanceId">Its last boot; empty before the first.</param>
/// <param name="Failure">Set in the state Failed.</param>
/// <param name="Version">Grows with every change, over all machines: of two snapshots the higher is the newer.</param>
internal sealed record MachineSnapshot(
    MachineSpec Spec,
    MachineState State,
    string InstanceId,
    MachineFailure? Failure,
    DateTimeOffset Since,
    long Version)
{
    /// <summary>For people, while the machine is paused because the host's disk is full.</summary>
    public string? HostDiskFull { get; init; }
}

/// <summary>Where a machine is in its life.</summary>
internal enum MachineState
{
    /// <summary>Being prepared; QEMU does not run yet.</summary>
    Starting,

    /// <summary>QEMU runs. Whether the sandbox can be used is the gateway's to know.</summary>
    Running,

    Stopping,

    /// <summary>Only its disk is left.</summary>
    Stopped,

    /// <summary>It cannot be used any more; its disk and console are left.</summary>
    Failed,

    Deleting,
}
