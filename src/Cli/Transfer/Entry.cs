using OpenShell.Cli.Text;

namespace OpenShell.Cli.Transfer;

/// <summary>A file in a tree or in an archive.</summary>
/// <param name="Path">Below the tree's root, raw (<see cref="RawPath"/>).</param>
/// <param name="Mode">The twelve permission bits.</param>
/// <param name="Size">Bytes of a regular file; else 0.</param>
/// <param name="ModifiedSeconds">Unix time of the last change.</param>
/// <param name="Link">Where a link leads, raw; else empty.</param>
internal sealed record Entry(string Path, EntryKind Kind, int Mode, long Size, long ModifiedSeconds, string Link = "")
{
    /// <summary>What is to be added to <see cref="ModifiedSeconds"/>.</summary>
    public int ModifiedNanoseconds { get; init; }

    /// <summary>Which file it is, where it has more names than one; else null.</summary>
    public (ulong Device, ulong Inode)? Shared { get; init; }
}

/// <summary>What a file is, as far as copying tells them apart.</summary>
internal enum EntryKind
{
    /// <summary>A regular file.</summary>
    File,
    Directory,
    SymbolicLink,

    /// <summary>Another name of a file that came before, which is its link; in archives only.</summary>
    HardLink,

    /// <summary>A device, a pipe, a socket: never copied.</summary>
    Special,
}
