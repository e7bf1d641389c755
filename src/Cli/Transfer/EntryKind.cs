namespace OpenShell.Cli.Transfer;

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
