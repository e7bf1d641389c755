using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Files;

/// <summary>What statx(2) says of a file.</summary>
/// <param name="Owner">User id.</param>
/// <param name="TypeAndMode">As <c>st_mode</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedSeconds">Unix time of the last change.</param>
/// <param name="ModifiedNanoseconds">To be added to that.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Device">Major and minor number of the file system, only to be compared.</param>
/// <param name="Inode">Together with the device it says which file it is.</param>
public readonly partial record struct FileStatus(
    uint Owner, int TypeAndMode, long Size, long ModifiedSeconds, int ModifiedNanoseconds, uint Links, ulong Device, ulong Inode)
{
    private const int CurrentDirectory = -100;
    private const int NoFollowFlag = 0x100;
    private const uint BasicStatus = 0x7FF;
    private const int TypeMask = 0xF000;

    // sizeof(struct statx), which is the same on every architecture, as are the offsets below.
    private const int StatxSize = 256;

    /// <summary>Unix time of the last change of the file or of what is said about it.</summary>
    public long ChangedSeconds { get; private init; }

    /// <summary>To be added to that.</summary>
    public int ChangedNanoseconds { get; private init; }

    public bool IsFile => (TypeAndMode & TypeMask) == 0x8000;

    public bool IsDirectory => (TypeAndMode & TypeMask) == 0x4000;

    public bool IsSymbolicLink => (TypeAndMode & TypeMask) == 0xA000;

    /// <summary>A socket that is bound, or was.</summary>
    public bool IsSocket => (TypeAndMode & TypeMask) == 0xC000;

    /// <summary>The twelve permission bits.</summary>
    public int Mode => TypeAndMode & 0xFFF;

    /// <summary>The permissions as chmod takes them.</summary>
    public string ModeText => Convert.ToString(Mode, 8);

    /// <summary>Whether the group or others may write.</summary>
    public bool OthersMayWrite => (TypeAndMode & 0x12) != 0;

    /// <summary>Null if there is nothing, or nothing that can be looked at.</summary>
    /// <param name="path">The path.</param>
    /// <param name="followLink">Whether a link stands for what it leads to.</param>
    public static FileStatus? Find(string path, bool followLink) =>
        Find(Encoding.UTF8.GetBytes(path + '\0'), followLink);

    /// <inheritdoc cref="Find(string, bool)"/>
    /// <param name="path">As bytes, with a NUL at the end.</param>
    /// <param name="followLink">As above.</param>
    public static FileStatus? Find(byte[] path, bool followLink) => Find(CurrentDirectory, path, followLink ? 0 : NoFollowFlag);

    /// <summary>Of a name in an open directory; a link is not followed. Null: see errno.</summary>
    internal static FileStatus? FindAt(SafeHandle directory, byte[] name)
    {
        using var reference = new DescriptorReference(directory);
        return Find(reference.Number, name, NoFollowFlag);
    }

    private static unsafe FileStatus? Find(int directory, byte[] path, int flags)
    {
        Span<byte> status = stackalloc byte[StatxSize];
        fixed (byte* start = status)
        {
            return Statx(directory, path, flags, BasicStatus, start) == 0 ? Parse(status) : null;
        }
    }

    private static FileStatus Parse(ReadOnlySpan<byte> status) => new(
        Owner: BinaryPrimitives.ReadUInt32LittleEndian(status[20..]),
        TypeAndMode: BinaryPrimitives.ReadUInt16LittleEndian(status[28..]),
        Size: BinaryPrimitives.ReadInt64LittleEndian(status[40..]),
        ModifiedSeconds: BinaryPrimitives.ReadInt64LittleEndian(status[112..]),
        ModifiedNanoseconds: BinaryPrimitives.ReadInt32LittleEndian(status[120..]),
        Links: BinaryPrimitives.ReadUInt32LittleEndian(status[16..]),
        Device: BinaryPrimitives.ReadUInt64LittleEndian(status[136..]),
        Inode: BinaryPrimitives.ReadUInt64LittleEndian(status[32..]))
    {
        ChangedSeconds = BinaryPrimitives.ReadInt64LittleEndian(status[96..]),
        ChangedNanoseconds = BinaryPrimitives.ReadInt32LittleEndian(status[104..]),
    };

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static unsafe partial int Statx(int directory, byte[] path, int flags, uint mask, byte* status);
}
