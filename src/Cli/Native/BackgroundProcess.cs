using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenShell.Cli.Native;

/// <summary>setsid(2) and dup2(2): how a process that was started for it leaves the terminal and its starter behind.</summary>
internal static partial class BackgroundProcess
{
    private const int StandardError = 2;

    /// <summary>Leaves the terminal's session: it closes, and its Ctrl-C comes, without us.</summary>
    public static void LeaveTerminal() => _ = SetSession();

    /// <summary>Standard input comes from nowhere, and both outputs go to a file; whoever reads them sees their end.</summary>
    public static void LeaveStandardStreams(string logPath)
    {
        using var nothing = File.OpenHandle("/dev/null");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var log = new FileStream(logPath, options);
        Replace(0, nothing);
        for (var descriptor = 1; descriptor <= StandardError; descriptor++)
        {
            Replace(descriptor, log.SafeFileHandle);
        }
    }

    private static void Replace(int descriptor, SafeFileHandle by)
    {
        if (Duplicate(by, descriptor) < 0)
        {
            throw new IOException($"dup2: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setsid")]
    private static partial int SetSession();

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(SafeFileHandle from, int to);
}
