using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Admission;

/// <summary>What the host has.</summary>
/// <param name="Processors">Processors that this process may use.</param>
/// <param name="Memory">All memory, or the limit of the driver's control group.</param>
/// <param name="FreeDisk">Free space where the disks are.</param>
internal sealed record HostCapacity(int Processors, ByteCount Memory, ByteCount FreeDisk)
{
    public static HostCapacity Read(string stateDirectory) => new(
        Environment.ProcessorCount,
        new ByteCount(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
        HostDisk.Free(stateDirectory));
}
