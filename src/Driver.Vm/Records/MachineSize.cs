using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Records;

/// <summary>What a machine gets.</summary>
internal sealed record MachineSize(int VirtualCpus, ByteCount Memory, ByteCount Disk);
