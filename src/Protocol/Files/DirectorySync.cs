using System.Runtime.InteropServices;

namespace OpenShell.Protocol.Files;

/// <summary>Brings the names in a directory to the disk; .NET opens no directories.</summary>
internal static partial class DirectorySync
{
    private const int OpenDirectory = 0x10000;
    private const int OpenCloseOnExec = 0x80000;

    /// <summary>Does its best: a file system that cannot do it has given all that it gives.</summary>
    public static void Flush(string directory)
    {
        var descriptor = Open(directory, OpenDirectory | OpenCloseOnExec);
        if (descriptor >= 0)
        {
            _ = Synchronize(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
