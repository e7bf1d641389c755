using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>Processes: waiting, signals, identity.</summary>
internal static unsafe partial class LibcProcess
{
    public const int SignalHangUp = 1;
    public const int SignalKill = 9;
    public const int SignalBrokenPipe = 13;
    public const int SignalTerminate = 15;
    public const int SignalContinue = 18;
    public const int HighestSignal = 64;

    private const int WaitAny = 0;
    private const int WaitPid = 1;
    private const int WaitNoHang = 1;
    private const int WaitExited = 4;
    private const int WaitLeave = 0x01000000;
    private const int CodeExited = 1;
    private const int CodeDumped = 3;
    private const nint IgnoreSignal = 1;
    private const int SetChildSubreaper = 36;
    private const ulong DefaultOpenFiles = 1024;

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

    /// <summary>Whether we have children, running or ended. PID 1 without any is alone, but for the kernel's own threads.</summary>
    public static bool HasChildren()
    {
        SignalInfo info = default;
        return WaitId(WaitAny, 0, &info, WaitExited | WaitLeave | WaitNoHang) == 0 || Errno.Last != Errno.NoChild;
    }

    /// <summary>Children whose parent dies become ours, as if we were PID 1.</summary>
    public static void BecomeSubreaper()
    {
        if (Prctl(SetChildSubreaper, 1, 0, 0, 0) != 0)
        {
            throw Errno.Failure("prctl(PR_SET_CHILD_SUBREAPER)");
        }
    }

    /// <summary>The largest number of open files that we may give a process.</summary>
    public static ulong OpenFilesHardLimit() => Limit(ResourceLimit.OpenFiles, (DefaultOpenFiles, DefaultOpenFiles)).Hard;

    /// <summary>One of our limits, which everything that we start inherits.</summary>
    public static (ulong Soft, ulong Hard) Limit(int resource, (ulong Soft, ulong Hard) fallback)
    {
        var limit = stackalloc ulong[2];
        return GetLimit(resource, limit) == 0 ? (limit[0], limit[1]) : fallback;
    }

    /// <summary>For us, and as the upper limit of everything that we start. Not being allowed to leaves it as it is.</summary>
    public static void RaiseOpenFilesLimit(ulong count)
    {
        var limit = stackalloc ulong[] { count, count };
        _ = SetLimit(ResourceLimit.OpenFiles, limit);
    }

    /// <summary>A write to a pipe that nobody reads fails instead of ending us. Children start with the default again.</summary>
    public static void IgnoreBrokenPipes() => _ = SetSignal(SignalBrokenPipe, IgnoreSignal);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetSignal(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, ulong* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ulong* limit);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    /// <summary>A descriptor that becomes readable when the process ends. Null: there is no such process.</summary>
    public static FileDescriptor? TryOpen(int pid)
    {
        var descriptor = PidFdOpen(pid, 0);
        return descriptor < 0 ? null : new FileDescriptor(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "pidfd_open", SetLastError = true)]
    private static partial int PidFdOpen(int pid, uint flags);

    /// <summary>Away from the terminal and the process group of whoever started us.</summary>
    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "getpid")]
    public static partial int GetPid();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUid();

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int type, uint id, SignalInfo* info, int options);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint a, nuint b, nuint c, nuint d);
}
