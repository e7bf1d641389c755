using System.ComponentModel;
using System.Runtime.InteropServices;

namespace OpenShell.Cli.Native;

/// <summary>
/// execv(3): another program in the place of this one. It has the terminal, the signals and the exit code as if the
/// user had started it, which no parent that waits could give it.
/// </summary>
internal static partial class ProgramImage
{
    private const int BrokenPipeSignal = 13;

    /// <summary>Finds a program in the directories of PATH; null when there is none.</summary>
    public static string? Find(string program, IEnumerable<string> directories) =>
        directories.Select(directory => Path.Combine(directory, program)).FirstOrDefault(path => IsExecutable(path));

    /// <summary>Does not return: the process goes on as this program, with the same environment.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="arguments">All arguments but the name.</param>
    /// <exception cref="IOException">It cannot be executed.</exception>
    public static void Become(string path, IReadOnlyList<string> arguments)
    {
        // The runtime ignores it, and that is inherited.
        _ = SetSignal(BrokenPipeSignal, 0);
        string?[] words = [path, .. arguments, null];
        _ = Execute(path, words);
        var error = Marshal.GetLastPInvokeError();
        throw new IOException($"{path} cannot be executed: {new Win32Exception(error).Message}", error);
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetSignal(int signal, nint disposition);
}
