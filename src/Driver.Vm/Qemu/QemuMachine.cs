using OpenShell.Driver.Vm.Quantities;

namespace OpenShell.Driver.Vm.Qemu;

/// <summary>One machine as QEMU is told about it.</summary>
internal sealed record QemuMachine
{
    /// <summary>Shown in QEMU's command line, so that people see whose process it is.</summary>
    public required string Name { get; init; }

    public required Accelerator Accelerator { get; init; }

    public required int VirtualCpus { get; init; }

    public required ByteCount Memory { get; init; }

    /// <summary>An ELF image with a PVH entry point.</summary>
    public required string KernelPath { get; init; }

    /// <summary>Null: none, the kernel then stops when it finds no root.</summary>
    public string? InitramfsPath { get; init; }

    /// <summary>The kernel's command line. Never anything secret.</summary>
    public required IReadOnlyList<string> KernelArguments { get; init; }

    /// <summary>Whether QEMU gets a network namespace with nothing but a loopback; it then needs to start no program.</summary>
    public required bool HasOwnNetwork { get; init; }

    /// <summary>How long QEMU may keep a processor busy in all; null: without end.</summary>
    public int? ProcessorSeconds { get; init; }

    /// <summary>Where QEMU writes its process number.</summary>
    public required string PidFilePath { get; init; }

    public required IReadOnlyList<IQemuDevice> Devices { get; init; }
}

/// <summary>What executes the guest's instructions.</summary>
internal enum Accelerator
{
    /// <summary>The processor.</summary>
    Kvm,

    /// <summary>QEMU's own translator: slower, works everywhere.</summary>
    Tcg,
}

/// <summary>How much memory a QEMU may have, whatever its guest makes it do.</summary>
internal static class QemuMemory
{
    // Heaps, stacks of its workers, the devices, and what slirp keeps for the guest. An idle one maps 0.2 GiB.
    private static readonly ByteCount Overhead = ByteCount.FromMebibytes(512);

    // Two stacks, and what a processor's thread allocates.
    private static readonly ByteCount PerProcessor = ByteCount.FromMebibytes(16);

    /// <summary>Of everything that it can write to and does not share (RLIMIT_DATA). Beyond it QEMU ends itself.</summary>
    public static ByteCount LimitOf(QemuMachine machine)
    {
        var translated = machine.Accelerator == Accelerator.Tcg ? QemuCommandLine.TranslatedCode.Bytes : 0;
        return new(machine.Memory.Bytes + Overhead.Bytes + (machine.VirtualCpus * PerProcessor.Bytes) + translated);
    }
}
