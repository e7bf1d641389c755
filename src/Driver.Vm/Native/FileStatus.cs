using System.Buffers.Binary;

namespace OpenShell.Driver.Vm.Native;

/// <summary>Owner and type of a path, not following a symbolic link at its end.</summary>
/// <param name="Owner">User id.</param>
/// <param name="Mode">Type and permission bits, as in st_mode.</param>
internal readonly record struct FileStatus(uint Owner, ushort Mode)
{
    private const int AtCurrentDirectory = -100;
    private const int AtSymlinkNoFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    // Offsets in struct statx, which is the same on every architecture.
    private const int OwnerOffset = 20;
    private const int ModeOffset = 28;
    private const int StructSize = 256;

    private const ushort TypeMask = 0xf000;
    private const ushort TypeDirectory = 0x4000;
    private const ushort TypeSocket = 0xc000;

    public bool IsDirectory => (Mode & TypeMask) == TypeDirectory;

    public bool IsSocket => (Mode & TypeMask) == TypeSocket;

    public bool IsOwn => Owner == Libc.GetEffectiveUserId();

    /// <summary>Null if there is nothing at the path.</summary>
    public static FileStatus? TryGet(string path)
    {
        Span<byte> buffer = stackalloc byte[StructSize];
        return Libc.StatX(AtCurrentDirectory, path, AtSymlinkNoFollow, BasicStats, buffer) < 0
            ? null
            : new FileStatus(
                BinaryPrimitives.ReadUInt32LittleEndian(buffer[OwnerOffset..]),
                BinaryPrimitives.ReadUInt16LittleEndian(buffer[ModeOffset..]));
    }
}
