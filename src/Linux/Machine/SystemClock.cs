using System.Runtime.InteropServices;

namespace OpenShell.Linux.Machine;

/// <summary>The system's clock of wall time.</summary>
public static unsafe partial class SystemClock
{
    private const int RealTime = 0;
    private const uint OffsetSingleShot = 0x8001;
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const long MicrosecondsPerSecond = 1_000_000;

    // struct timex of 64-bit Linux: 208 bytes, of which two are for us.
    private const int TimexSize = 208;
    private const int TimexOffset = 8;

    /// <summary>Nanoseconds since 1970.</summary>
    public static long Now()
    {
        Timespec now;
        _ = GetTime(RealTime, &now);
        return (now.Seconds * NanosecondsPerSecond) + now.Nanoseconds;
    }

    /// <summary>Sets it. 0 or the errno.</summary>
    public static int Set(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem(nanoseconds, NanosecondsPerSecond);
        var to = new Timespec(seconds, rest);
        return SetTime(RealTime, &to) == 0 ? 0 : Errno.Last;
    }

    /// <summary>Lets it run 0.05 % faster or slower until it has made up for so much; replaces what was left of the time before. 0 or the errno.</summary>
    public static int Slew(TimeSpan by)
    {
        var timex = stackalloc byte[TimexSize];
        new Span<byte>(timex, TimexSize).Clear();
        *(uint*)timex = OffsetSingleShot;
        *(long*)(timex + TimexOffset) = (long)(by.TotalSeconds * MicrosecondsPerSecond);
        return AdjustTime(timex) >= 0 ? 0 : Errno.Last;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, Timespec* time);

    [LibraryImport("libc", EntryPoint = "clock_settime", SetLastError = true)]
    private static partial int SetTime(int clock, Timespec* time);

    [LibraryImport("libc", EntryPoint = "adjtimex", SetLastError = true)]
    private static partial int AdjustTime(byte* timex);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
