namespace OpenShell.Cli.Native;

/// <summary>What statx(2) says of a file, without following a link.</summary>
/// <param name="TypeAndMode">As st_mode.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifiedSeconds">Unix time of the last change.</param>
/// <param name="ModifiedNanoseconds">What is to be added to that.</param>
/// <param name="Links">How many names it has.</param>
/// <param name="Device">Major and minor number of the file system, only to be compared.</param>
/// <param name="Inode">Together with the device it says which file it is.</param>
internal readonly record struct FileStatus(int TypeAndMode, long Size, long ModifiedSeconds, int ModifiedNanoseconds, uint Links, ulong Device, ulong Inode)
{
    private const int TypeMask = 0xF000;

    public bool IsFile => (TypeAndMode & TypeMask) == 0x8000;

    public bool IsDirectory => (TypeAndMode & TypeMask) == 0x4000;

    public bool IsSymbolicLink => (TypeAndMode & TypeMask) == 0xA000;

    /// <summary>The twelve permission bits.</summary>
    public int Mode => TypeAndMode & 0xFFF;
}
