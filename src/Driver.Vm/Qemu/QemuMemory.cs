using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>How much memory a QEMU may have, whatever its guest makes it do.</summary>
internal static class QemuMemory
{
    // Heaps, stacks of its workers, the devices, and what slirp keeps for the guest. An idle one maps 0.2 GiB.
    private static readonly ByteCount Overhead = ByteCount.FromMebibytes(512);

    // Two stacks, and what a processor's thread allocates.
    private static readonly ByteCount PerProcessor = ByteCount.FromMebibytes(16);

    /// <summary>Of everything that it can write to and shares with nobody (RLIMIT_DATA). Beyond it QEMU ends itself.</summary>
    public static ByteCount LimitOf(QemuMachine machine) =>
        new(machine.Memory.Bytes + Overhead.Bytes + (machine.VirtualCpus * PerProcessor.Bytes) + (machine.Accelerator == Accelerator.Tcg ? QemuCommandLine.TranslatedCode.Bytes : 0));
}
