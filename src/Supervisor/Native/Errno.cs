using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>The error numbers of Linux that we tell apart.</summary>
internal static class Errno
{
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int Io = 5;
    public const int TooManyArguments = 7;
    public const int NoExecFormat = 8;
    public const int NoChild = 10;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int AccessDenied = 13;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int TooManyFilesInSystem = 23;
    public const int TooManyFiles = 24;
    public const int BrokenPipe = 32;
    public const int NotSocket = 88;
    public const int InProgress = 115;

    /// <summary>Of the call that was just made.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The C library's text for it.</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>What went wrong, for an operation that has no expected failure.</summary>
    public static IOException Failure(string operation) => new($"{operation}: {Text(Last)}");
}
