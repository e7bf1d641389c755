using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>Permissions and times of files by their paths, as bytes that end with a NUL; symbolic links are not followed.</summary>
internal static partial class LibcFiles
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const long LeaveAsIs = 0x3FFFFFFE;
    private const uint BasicStatus = 0x7FF;
    private const int StatxSize = 256;

    /// <summary>Type and permissions, and when it was changed; null when it is not there or cannot be looked at.</summary>
    public static (int Mode, long Seconds, int Nanoseconds)? Status(byte[] path)
    {
        var status = new byte[StatxSize];
        return Statx(CurrentDirectory, path, NoFollow, BasicStatus, status) == 0
            ? (BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(28)),
                BinaryPrimitives.ReadInt64LittleEndian(status.AsSpan(112)),
                BinaryPrimitives.ReadInt32LittleEndian(status.AsSpan(120)))
            : null;
    }

    /// <summary>Whether it worked is seen by looking.</summary>
    public static void TrySetModified(byte[] path, long seconds, int nanoseconds) =>
        _ = SetTimes(CurrentDirectory, path, [0, LeaveAsIs, seconds, nanoseconds], NoFollow);

    /// <summary>Whether it worked is seen by looking; links have none.</summary>
    public static void TrySetMode(byte[] path, uint mode) => _ = ChangeMode(CurrentDirectory, path, mode, NoFollow);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int Statx(int directory, byte[] path, int flags, uint mask, byte[] status);

    [LibraryImport("libc", EntryPoint = "utimensat", SetLastError = true)]
    private static partial int SetTimes(int directory, byte[] path, long[] accessAndModification, int flags);

    [LibraryImport("libc", EntryPoint = "fchmodat", SetLastError = true)]
    private static partial int ChangeMode(int directory, byte[] path, uint mode, int flags);
}
