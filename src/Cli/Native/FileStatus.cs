namespace OpenShell.Cli.Native;

/// <summary>What statx(2) says of a file, without following a link.</summary>
internal readonly record struct FileStatus(int TypeAndMode, long Size, long ModifiedSeconds)
{
    private const int TypeMask = 0xF000;

    public bool IsFile => (TypeAndMode & TypeMask) == 0x8000;

    public bool IsDirectory => (TypeAndMode & TypeMask) == 0x4000;

    public bool IsSymbolicLink => (TypeAndMode & TypeMask) == 0xA000;

    /// <summary>The twelve permission bits.</summary>
    public int Mode => TypeAndMode & 0xFFF;
}
