using System.Runtime.InteropServices;

namespace OpenShell.Linux.Processes;

/// <summary>Linux's numbers of signals, and sending them.</summary>
public static partial class Signals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int BrokenPipe = 13;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Highest = 64;

    private const nint Default = 0;
    private const nint Ignore = 1;

    /// <summary>A write to a pipe without a reader fails instead of ending us. Children that we start ourselves have the default again.</summary>
    public static void IgnoreBrokenPipes() => _ = Set(BrokenPipe, Ignore);

    /// <summary>As the system has it: the runtime ignores the signal, and that is inherited by another program in this process.</summary>
    public static void RestoreBrokenPipes() => _ = Set(BrokenPipe, Default);

    /// <summary>Linux's number of a signal that .NET numbers in its own way.</summary>
    public static int NumberOf(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => HangUp,
        PosixSignal.SIGINT => Interrupt,
        PosixSignal.SIGQUIT => Quit,
        PosixSignal.SIGTERM => Terminate,
        _ => (int)signal,
    };

    /// <summary>kill(2): to a process, or to a group as its negated number.</summary>
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Send(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint Set(int signal, nint handler);
}
