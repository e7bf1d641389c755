using System.Runtime.InteropServices;

namespace OpenShell.Linux.Processes;

/// <summary>getrlimit(2) and setrlimit(2).</summary>
public static unsafe partial class ResourceLimits
{
    public const int Stack = 3;
    public const int Core = 4;
    public const int OpenFiles = 7;
    public const ulong Unlimited = ulong.MaxValue;

    // What the kernel gives the first process of a machine.
    private const ulong DefaultOpenFiles = 1024;

    /// <summary>The largest number of open files that we may give a process.</summary>
    public static ulong OpenFilesHard() => Get(OpenFiles, (DefaultOpenFiles, DefaultOpenFiles)).Hard;

    /// <summary>One of our limits, which everything that we start inherits.</summary>
    public static (ulong Soft, ulong Hard) Get(int resource, (ulong Soft, ulong Hard) fallback)
    {
        var limit = stackalloc ulong[2];
        return GetLimit(resource, limit) == 0 ? (limit[0], limit[1]) : fallback;
    }

    /// <summary>For us, and as the upper limit of everything that we start. Not being allowed to leaves it as it is.</summary>
    public static void RaiseOpenFiles(ulong count)
    {
        var limit = stackalloc ulong[] { count, count };
        _ = SetLimit(OpenFiles, limit);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, ulong* limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ulong* limit);
}
