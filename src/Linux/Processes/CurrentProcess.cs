using System.ComponentModel;
using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Processes;

/// <summary>What a program changes about its own process: its session, its standard streams, the program itself.</summary>
public static partial class CurrentProcess
{
    private const int StandardError = 2;
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Standard input, output and error lead to /dev/null from now on.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public static void DetachStandardStreams()
    {
        using var nowhere = new FileDescriptor(DescriptorIo.Open("/dev/null", DescriptorIo.OpenReadWrite | DescriptorIo.CloseOnExec, 0));
        for (var number = 0; number <= StandardError; number++)
        {
            if (nowhere.IsInvalid || DescriptorIo.Replace(nowhere, number) < 0)
            {
                throw Errno.Failure("/dev/null");
            }
        }
    }

    /// <summary>Standard input is at its end, and both outputs go to a file; their readers see the end.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    public static void DetachStandardStreams(string logPath)
    {
        using var nothing = File.OpenHandle("/dev/null");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Files.DurableFile.OwnerOnly };
        using var log = new FileStream(logPath, options);
        Replace(0, nothing);
        for (var descriptor = 1; descriptor <= StandardError; descriptor++)
        {
            Replace(descriptor, log.SafeFileHandle);
        }

        static void Replace(int descriptor, SafeHandle by)
        {
            if (DescriptorIo.Replace(by, descriptor) < 0)
            {
                throw Errno.Failure("dup2");
            }
        }
    }

    /// <summary>Finds a program in the directories of PATH; null when there is none.</summary>
    public static string? FindProgram(string program, IEnumerable<string> directories) =>
        directories.Select(directory => Path.Combine(directory, program)).FirstOrDefault(IsExecutable);

    /// <summary>
    /// execv(3): does not return, the process goes on as this program, with the same environment. It has the terminal, the
    /// signals and the exit code as if the user had started it, which no parent that waits could give it.
    /// </summary>
    /// <param name="path">Its file.</param>
    /// <param name="arguments">All arguments but the name.</param>
    /// <exception cref="IOException">It cannot be executed.</exception>
    public static void Become(string path, IReadOnlyList<string> arguments)
    {
        Signals.RestoreBrokenPipes();
        string?[] words = [path, .. arguments, null];
        _ = Execute(path, words);
        var error = Errno.Last;
        throw new IOException($"{path} cannot be executed: {new Win32Exception(error).Message}", error);
    }

    /// <summary>setsid(2): away from the terminal and the process group of the process that started us. Fails for the leader of a group.</summary>
    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "getpid")]
    public static partial int GetPid();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUser();

    private static bool IsExecutable(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0;

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
