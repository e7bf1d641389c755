using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OpenShell.Protocol.Native;

/// <summary>Who runs this process, and who owns a file: what the framework does not say.</summary>
internal static partial class Libc
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint TypeModeAndOwner = 0x1 | 0x2 | 0x8;
    private const int StatxSize = 256;
    private const int OwnerOffset = 20;
    private const int ModeOffset = 28;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUserId();

    /// <summary>Owner, type and permissions of what is at a path; null if it cannot be looked at.</summary>
    public static (uint Owner, int TypeAndMode)? Status(string path, bool followLink)
    {
        var status = new byte[StatxSize];
        return Statx(CurrentDirectory, path, followLink ? 0 : NoFollow, TypeModeAndOwner, status) == 0
            ? (BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(OwnerOffset)), BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(ModeOffset)))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, [Out] byte[] status);
}
