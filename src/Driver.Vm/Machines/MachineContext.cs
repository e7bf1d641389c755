using OpenShell.Driver.Kit.Watch;
using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Machines;

/// <summary>What all machines share.</summary>
internal sealed record MachineContext(
    StateLayout Layout, RecordStore Records, WatchHub Hub, IMachineStarter Starter, MachineLog Log, TimeProvider Time)
{
    private long _version;

    /// <summary>How much is free where the disks are.</summary>
    public Func<ByteCount> FreeDisk { get; init; } = () => HostDisk.Free(Layout.Root);

    /// <summary>How often that is looked at while a machine is paused because there is too little.</summary>
    public TimeSpan DiskInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What a guest gets for ending its processes and syncing its disk when it is asked to power off.</summary>
    public TimeSpan GuestGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The next version of a snapshot.</summary>
    public long NextVersion() => Interlocked.Increment(ref _version);
}
