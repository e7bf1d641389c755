using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Files;

/// <summary>Brings the names in a directory to the disk; .NET opens no directories.</summary>
internal static partial class DirectorySync
{
    /// <summary>Does its best: a file system that cannot do it has given all that it gives.</summary>
    public static void Flush(string directory)
    {
        using var opened = new FileDescriptor(DescriptorIo.Open(directory, DescriptorIo.OpenReadOnly | DescriptorIo.CloseOnExec, 0));
        if (!opened.IsInvalid)
        {
            _ = Synchronize(opened);
        }
    }

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(FileDescriptor descriptor);
}
