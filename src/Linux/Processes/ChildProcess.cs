using System.Runtime.InteropServices;

namespace OpenShell.Linux.Processes;

/// <summary>waitid(2): for a program that reaps its children itself, as the first process of a machine does.</summary>
public static unsafe partial class ChildProcess
{
    private const int WaitAny = 0;
    private const int WaitPid = 1;
    private const int WaitNoHang = 1;
    private const int WaitExited = 4;
    private const int WaitLeave = 0x01000000;
    private const int CodeExited = 1;
    private const int CodeDumped = 3;
    private const int SetChildSubreaper = 36;

    /// <summary>The part of siginfo_t that waitid fills, at the kernel's offsets on 64-bit machines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct SignalInfo
    {
        [FieldOffset(8)]
        public int Code;

        [FieldOffset(16)]
        public int Pid;

        [FieldOffset(24)]
        public int Status;
    }

    /// <summary>Whether we have children, running or ended. PID 1 without any is alone, but for the kernel's own threads.</summary>
    public static bool HasAny()
    {
        SignalInfo info = default;
        return WaitId(WaitAny, 0, &info, WaitExited | WaitLeave | WaitNoHang) == 0 || Errno.Last != Errno.NoChild;
    }

    /// <summary>Blocks until a child has ended and leaves it as it is. Returns its id, or the negated errno.</summary>
    public static int WaitForAnyExit()
    {
        while (true)
        {
            SignalInfo info = default;
            if (WaitId(WaitAny, 0, &info, WaitExited | WaitLeave) == 0)
            {
                return info.Pid;
            }

            if (Errno.Last != Errno.Interrupted)
            {
                return -Errno.Last;
            }
        }
    }

    /// <summary>Takes the status of an ended child, after which its id is free. Null if it has not ended or is not ours.</summary>
    public static ExitStatus? TryReap(int pid)
    {
        SignalInfo info = default;
        int result;
        do
        {
            result = WaitId(WaitPid, (uint)pid, &info, WaitExited | WaitNoHang);
        }
        while (result != 0 && Errno.Last == Errno.Interrupted);

        if (result != 0 || info.Pid == 0)
        {
            return null;
        }

        return info.Code == CodeExited
            ? new ExitStatus(info.Status, 0, false)
            : new ExitStatus(0, info.Status, info.Code == CodeDumped);
    }

    /// <summary>Children whose parent dies become ours, as if we were PID 1.</summary>
    public static void BecomeSubreaper()
    {
        if (Prctl(SetChildSubreaper, 1, 0, 0, 0) != 0)
        {
            throw Errno.Failure("prctl(PR_SET_CHILD_SUBREAPER)");
        }
    }

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int type, uint id, SignalInfo* info, int options);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);
}

/// <summary>How a process ended.</summary>
/// <param name="Code">Its own code, when <paramref name="Signal"/> is 0.</param>
/// <param name="Signal">The signal that ended it, else 0.</param>
/// <param name="CoreDumped">Whether it left a core.</param>
public readonly record struct ExitStatus(int Code, int Signal, bool CoreDumped);
