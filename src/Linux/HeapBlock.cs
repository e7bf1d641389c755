using System.Runtime.InteropServices;

namespace OpenShell.Linux;

/// <summary>Memory that the C library has given to another library.</summary>
public static partial class HeapBlock
{
    /// <summary>Bytes that may be read from the beginning of a block of malloc's.</summary>
    [LibraryImport("libc", EntryPoint = "malloc_usable_size")]
    public static partial nint UsableSize(nint block);
}
