namespace OpenShell.Driver.Vm.Records;

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
