using System.Runtime.InteropServices;

namespace OpenShell.Linux.Files;

/// <summary>Permissions and times of files by their paths, as bytes that end with a NUL; symbolic links are not followed.</summary>
public static partial class PathAttributes
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;

    // UTIME_OMIT: of the time of the last access.
    private const long LeaveAsIs = 0x3FFFFFFE;

    /// <summary>Whether it worked is seen by looking.</summary>
    public static void TrySetModified(byte[] path, long seconds, int nanoseconds) => _ = SetModified(CurrentDirectory, path, seconds, nanoseconds);

    /// <summary>Whether it worked is seen by looking; links have none.</summary>
    public static void TrySetMode(byte[] path, uint mode) => _ = ChangeMode(CurrentDirectory, path, mode, NoFollow);

    internal static int SetModified(int directory, byte[] name, long seconds, int nanoseconds) =>
        SetTimes(directory, name, [0, LeaveAsIs, seconds, nanoseconds], NoFollow);

    internal static int SetMode(int directory, byte[] name, uint mode) => ChangeMode(directory, name, mode, NoFollow);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    private static partial int SetTimes(int directory, byte[] path, long[] accessAndModification, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true)]
    private static partial int ChangeMode(int directory, byte[] path, uint mode, int flags);
}
