using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace OpenShell.Linux.Machine;

/// <summary>
/// The frequency of the processor's time stamp counter, which an emulated guest sees unchanged.
/// </summary>
/// <remarks>
/// A microvm machine has no timer that interrupts before the kernel knows this frequency, and the kernel's own
/// measurement against emulated timers fails now and then (1 boot in 15 on a busy host), after which it hangs for
/// ever. So the guest is told. .NET has no intrinsic for RDTSC; the ten bytes of machine code below are it.
/// </remarks>
public static partial class TimestampCounter
{
    private const int ProtectReadWrite = 0x3;
    private const int ProtectReadExecute = 0x5;
    private const int MapPrivateAnonymous = 0x22;
    private const nuint PageSize = 4096;
    private static readonly TimeSpan MeasuredFor = TimeSpan.FromMilliseconds(20);

    // rdtsc; shl rdx, 32; or rax, rdx; ret
    private static ReadOnlySpan<byte> ReadCounterCode => [0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0xc3];

    /// <summary>Measures the frequency for 20 ms.</summary>
    /// <returns>In kHz; null where there is no such counter or no memory may be made executable.</returns>
    public static async Task<long?> MeasureKilohertzAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (!X86Base.X64.IsSupported)
        {
            return null;
        }

        var code = MapCode();
        if (code == 0)
        {
            return null;
        }

        try
        {
            var (firstCount, firstTime) = Read(code);
            await Task.Delay(MeasuredFor, time, cancellationToken);
            var (lastCount, lastTime) = Read(code);
            return (long)((lastCount - firstCount) / Stopwatch.GetElapsedTime(firstTime, lastTime).TotalMilliseconds);
        }
        finally
        {
            _ = Unmap(code, PageSize);
        }
    }

    /// <summary>A counter value and the time it belongs to: the closest of some pairs, since either read may be interrupted.</summary>
    private static unsafe (ulong Count, long Time) Read(nint code)
    {
        var readCounter = (delegate* unmanaged<ulong>)code;
        var best = (Count: 0UL, Time: 0L, Distance: long.MaxValue);
        for (var i = 0; i < 8; i++)
        {
            var before = Stopwatch.GetTimestamp();
            var count = readCounter();
            var after = Stopwatch.GetTimestamp();
            if (after - before < best.Distance)
            {
                best = (count, before + (after - before) / 2, after - before);
            }
        }

        return (best.Count, best.Time);
    }

    private static unsafe nint MapCode()
    {
        var page = Map(0, PageSize, ProtectReadWrite, MapPrivateAnonymous, -1, 0);
        if (page == -1)
        {
            return 0;
        }

        ReadCounterCode.CopyTo(new Span<byte>((void*)page, (int)PageSize));
        if (Protect(page, PageSize, ProtectReadExecute) == 0)
        {
            return page;
        }

        _ = Unmap(page, PageSize);
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
