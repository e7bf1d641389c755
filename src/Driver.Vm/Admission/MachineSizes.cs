using System.Globalization;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Admission;

/// <summary>Turns requested quantities into a size, or says which of them cannot be met.</summary>
internal static class MachineSizes
{
    /// <summary>Kernel and supervisor alone need most of it.</summary>
    public static readonly ByteCount MinMemory = ByteCount.FromMebibytes(96);

    /// <summary>ext4 with a journal takes up a few MiB itself.</summary>
    public static readonly ByteCount MinDisk = ByteCount.FromMebibytes(16);

    // Disks are sparse and rarely filled, so more may be promised than there is; but not without any measure.
    private const int DiskOvercommit = 4;

    public static Outcome<MachineSize> Resolve(SandboxRequest request, DriverOptions defaults, HostCapacity host)
    {
        var maxDisk = new ByteCount(host.FreeDisk.Bytes > long.MaxValue / DiskOvercommit ? long.MaxValue : host.FreeDisk.Bytes * DiskOvercommit);
        if (ResolveCpus(request.Cpu, defaults.VirtualCpus, host.Processors, out var cpus) is { } cpuFailure)
        {
            return cpuFailure;
        }

        if (ResolveBytes("memory", request.Memory, defaults.Memory, MinMemory, host.Memory, "the host has", out var memory) is { } memoryFailure)
        {
            return memoryFailure;
        }

        var diskLimit = $"{DiskOvercommit} times the free space is";
        return ResolveBytes("disk", request.Disk, defaults.Disk, MinDisk, maxDisk, diskLimit, out var disk) is { } diskFailure
            ? diskFailure
            : new MachineSize(cpus, memory, disk);
    }

    private static Failure? ResolveCpus(string text, int standard, int processors, out int cpus)
    {
        cpus = standard;
        if (text.Length == 0)
        {
            return null;
        }

        if (!CpuQuantity.TryParse(text, out var quantity))
        {
            return Invalid($"cpu '{text}' is no quantity: expected a positive number such as 2, 0.5 or 500m");
        }

        if (quantity.VirtualCpus > processors)
        {
            return Invalid(string.Create(CultureInfo.InvariantCulture, $"cpu '{text}' cannot be met: the host has {processors}"));
        }

        cpus = (int)quantity.VirtualCpus;
        return null;
    }

    private static Failure? ResolveBytes(
        string what, string text, ByteCount standard, ByteCount min, ByteCount max, string limit, out ByteCount bytes)
    {
        bytes = standard;
        if (text.Length == 0)
        {
            return null;
        }

        if (!ByteCount.TryParse(text, out var quantity))
        {
            return Invalid($"{what} '{text}' is no quantity: expected a positive number of bytes such as 512Mi, 1Gi or 4G");
        }

        if (quantity < min)
        {
            return Invalid($"{what} '{text}' is too little: the least is {min}");
        }

        if (quantity > max)
        {
            return Invalid($"{what} '{text}' cannot be met: {limit} {ByteCount.FromMebibytes(max.Mebibytes)}");
        }

        // Whole MiB: QEMU and ext4 take nothing finer.
        bytes = ByteCount.FromMebibytes(quantity.Mebibytes);
        return null;
    }

    private static Failure Invalid(string message) => new(FailureKind.InvalidArgument, message);
}

/// <summary>What the host has.</summary>
/// <param name="Memory">All memory, or the limit of the driver's control group.</param>
internal sealed record HostCapacity(int Processors, ByteCount Memory, ByteCount FreeDisk)
{
    public static HostCapacity Read(string stateDirectory) => new(
        Environment.ProcessorCount,
        new ByteCount(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes),
        HostDisk.Free(stateDirectory));
}
