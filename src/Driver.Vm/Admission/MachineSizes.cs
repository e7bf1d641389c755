using System.Globalization;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;

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

    public static (MachineSize? Size, Refusal? Refusal) Resolve(SandboxRequest request, DriverOptions defaults, HostCapacity host)
    {
        if (ResolveCpus(request.Cpu, defaults.VirtualCpus, host.Processors) is var (cpus, cpuRefusal) && cpuRefusal is not null)
        {
            return (null, cpuRefusal);
        }

        if (ResolveBytes("memory", request.Memory, defaults.Memory, MinMemory, host.Memory, "the host has") is var (memory, memoryRefusal)
            && memoryRefusal is not null)
        {
            return (null, memoryRefusal);
        }

        var maxDisk = new ByteCount(host.FreeDisk.Bytes > long.MaxValue / DiskOvercommit ? long.MaxValue : host.FreeDisk.Bytes * DiskOvercommit);
        var (disk, diskRefusal) = ResolveBytes("disk", request.Disk, defaults.Disk, MinDisk, maxDisk, $"{DiskOvercommit} times the free space is");
        return diskRefusal is null
            ? (new MachineSize(cpus, memory, disk), null)
            : (null, diskRefusal);
    }

    private static (int Cpus, Refusal? Refusal) ResolveCpus(string text, int standard, int processors)
    {
        if (text.Length == 0)
        {
            return (standard, null);
        }

        if (!CpuQuantity.TryParse(text, out var quantity))
        {
            return (0, Refusal.Invalid($"cpu '{text}' is no quantity: expected a positive number such as 2, 0.5 or 500m"));
        }

        return quantity.VirtualCpus <= processors
            ? ((int)quantity.VirtualCpus, null)
            : (0, Refusal.Invalid(string.Create(CultureInfo.InvariantCulture, $"cpu '{text}' cannot be met: the host has {processors}")));
    }

    private static (ByteCount Bytes, Refusal? Refusal) ResolveBytes(string what, string text, ByteCount standard, ByteCount min, ByteCount max, string limit)
    {
        if (text.Length == 0)
        {
            return (standard, null);
        }

        if (!ByteCount.TryParse(text, out var quantity))
        {
            return (default, Refusal.Invalid($"{what} '{text}' is no quantity: expected a positive number of bytes such as 512Mi, 1Gi or 4G"));
        }

        if (quantity < min)
        {
            return (default, Refusal.Invalid($"{what} '{text}' is too little: the least is {min}"));
        }

        // Whole MiB: QEMU and ext4 take nothing finer.
        return quantity <= max
            ? (ByteCount.FromMebibytes(quantity.Mebibytes), null)
            : (default, Refusal.Invalid($"{what} '{text}' cannot be met: {limit} {ByteCount.FromMebibytes(max.Mebibytes)}"));
    }
}
