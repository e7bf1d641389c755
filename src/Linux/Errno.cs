using System.Runtime.InteropServices;

namespace OpenShell.Linux;

/// <summary>The error numbers that are told apart; the same on every Linux architecture that .NET runs on.</summary>
public static class Errno
{
    public const int NoEntry = 2;
    public const int NoProcess = 3;
    public const int Interrupted = 4;
    public const int Io = 5;
    public const int TooManyArguments = 7;
    public const int NoChild = 10;
    public const int Again = 11;
    public const int NoMemory = 12;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int BrokenPipe = 32;
    public const int TooManyLinks = 40;
    public const int NotSocket = 88;
    public const int InProgress = 115;

    /// <summary>Of the call that was just made.</summary>
    public static int Last => Marshal.GetLastPInvokeError();

    /// <summary>The C library's text for it.</summary>
    public static string Text(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>The exception for the call that was just made, where no failure is expected. Its HResult is the errno.</summary>
    /// <param name="operation">What failed: the call, or the file.</param>
    public static IOException Failure(string operation)
    {
        var errno = Last;
        return new IOException($"{operation}: {Text(errno)}", errno);
    }
}
