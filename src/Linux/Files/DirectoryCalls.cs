using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Files;

/// <summary>
/// The calls that name a file relative to an open directory, with names as bytes. They never follow a symbolic link, so
/// whatever another process puts into a tree meanwhile, they stay in it. .NET's own take text, and follow.
/// Names end with a NUL; failures are <see cref="IOException"/>s with the errno as HResult.
/// </summary>
public static partial class DirectoryCalls
{
    private const int CurrentDirectory = -100;
    private const int CloseOnExec = 0x80000;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int WriteOnly = 1;
    private const int NonBlocking = 0x800;
    private const int PlaceOnly = 0x200000;
    private const int LongestLink = 4096;

    // O_DIRECTORY and O_NOFOLLOW are the only flags here that differ between architectures.
    private static readonly int DirectoryOnly = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    private static readonly int NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Opens a directory by its path, following links: it is one that the user named.</summary>
    public static SafeFileHandle OpenNamedDirectory(byte[] path) => Opened(OpenAt(CurrentDirectory, path, DirectoryOnly | CloseOnExec, 0), path);

    /// <summary>Opens a directory in a directory.</summary>
    public static SafeFileHandle OpenDirectory(SafeFileHandle directory, byte[] name) => Open(directory, name, DirectoryOnly | NoFollow | CloseOnExec, 0);

    /// <summary>Opens a directory as a place to look things up from; searching it is all that needs to be allowed.</summary>
    public static SafeFileHandle OpenPlace(SafeFileHandle directory, byte[] name) => Open(directory, name, PlaceOnly | DirectoryOnly | NoFollow | CloseOnExec, 0);

    /// <summary>Opens a file for reading. A pipe that takes its place does not block.</summary>
    public static SafeFileHandle OpenFile(SafeFileHandle directory, byte[] name) => Open(directory, name, NoFollow | NonBlocking | CloseOnExec, 0);

    /// <summary>Makes a file that is not there yet, for its owner only, and opens it for writing.</summary>
    public static SafeFileHandle CreateFile(SafeFileHandle directory, byte[] name) =>
        Open(directory, name, WriteOnly | Create | Exclusive | NoFollow | CloseOnExec, 0x180);

    /// <summary>Makes a directory; false when something of this name is there.</summary>
    public static bool TryCreateDirectory(SafeFileHandle directory, byte[] name)
    {
        using var reference = new DescriptorReference(directory);
        return Done(MakeDirectoryAt(reference.Number, name, 0x1C0), name, Errno.Exists);
    }

    public static void CreateLink(SafeFileHandle directory, byte[] name, byte[] target)
    {
        using var reference = new DescriptorReference(directory);
        Done(SymbolicLinkAt(target, reference.Number, name), name);
    }

    public static void CreateHardLink(SafeFileHandle fromDirectory, byte[] from, SafeFileHandle directory, byte[] name)
    {
        using var fromReference = new DescriptorReference(fromDirectory);
        using var reference = new DescriptorReference(directory);
        Done(HardLinkAt(fromReference.Number, from, reference.Number, name, 0), name);
    }

    /// <summary>Removes a file or a link; false when there is none.</summary>
    public static bool TryRemove(SafeFileHandle directory, byte[] name)
    {
        using var reference = new DescriptorReference(directory);
        return Done(UnlinkAt(reference.Number, name, 0), name, Errno.NoEntry);
    }

    public static void Rename(SafeFileHandle directory, byte[] from, byte[] to)
    {
        using var reference = new DescriptorReference(directory);
        Done(RenameAt(reference.Number, from, reference.Number, to), to);
    }

    /// <summary>Sets when something was changed last.</summary>
    public static void SetModified(SafeFileHandle directory, byte[] name, long seconds, int nanoseconds)
    {
        using var reference = new DescriptorReference(directory);
        Done(PathAttributes.SetModified(reference.Number, name, seconds, nanoseconds), name);
    }

    /// <summary>Sets the permissions of a file or directory; links have none.</summary>
    public static void SetMode(SafeFileHandle directory, byte[] name, int mode)
    {
        using var reference = new DescriptorReference(directory);
        Done(PathAttributes.SetMode(reference.Number, name, (uint)mode), name);
    }

    /// <summary>Null when there is no such file.</summary>
    public static FileStatus? Status(SafeFileHandle directory, byte[] name)
    {
        var status = FileStatus.FindAt(directory, name);
        return status is not null || Errno.Last == Errno.NoEntry ? status : throw Failure(name);
    }

    /// <summary>Where a link leads.</summary>
    public static byte[] ReadLink(SafeFileHandle directory, byte[] name)
    {
        using var reference = new DescriptorReference(directory);
        var target = new byte[LongestLink];
        var length = ReadLinkAt(reference.Number, name, target, (nuint)target.Length);
        return length >= 0 ? target[..(int)length] : throw Failure(name);
    }

    /// <summary>The names in a directory, in no order, but "." and "..".</summary>
    public static unsafe List<byte[]> List(SafeFileHandle directory, byte[] name)
    {
        // The stream owns its descriptor, so it gets one of its own.
        var own = OpenDirectory(directory, name);
        var stream = OpenStream((int)own.DangerousGetHandle());
        if (stream == 0)
        {
            var failure = Failure(name);
            own.Dispose();
            throw failure;
        }

        own.SetHandleAsInvalid();
        try
        {
            List<byte[]> names = [];
            while (ReadStream(stream) is var entry and not 0)
            {
                // struct dirent of 64-bit Linux: inode, offset, length and type are 19 bytes before the name.
                var found = MemoryMarshal.CreateReadOnlySpanFromNullTerminated((byte*)entry + 19);
                if (!found.SequenceEqual("."u8) && !found.SequenceEqual(".."u8))
                {
                    names.Add(found.ToArray());
                }
            }

            return names;
        }
        finally
        {
            _ = CloseStream(stream);
        }
    }

    private static SafeFileHandle Open(SafeFileHandle directory, byte[] name, int flags, uint mode)
    {
        using var reference = new DescriptorReference(directory);
        return Opened(OpenAt(reference.Number, name, flags, mode), name);
    }

    private static SafeFileHandle Opened(int descriptor, byte[] name) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure(name);

    // False for the one failure that is an answer.
    private static bool Done(int result, byte[] name, int answer = 0)
    {
        if (result >= 0)
        {
            return true;
        }

        return Errno.Last == answer ? false : throw Failure(name);
    }

    // On one line, as messages are; other control characters are escaped where the message is shown.
    private static IOException Failure(byte[] name)
    {
        var shown = Encoding.UTF8.GetString(name.AsSpan().TrimEnd((byte)0)).Replace('\n', ' ').Replace('\r', ' ').Replace('\t', ' ').Trim();
        return Errno.Failure(shown);
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int directory, byte[] name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryAt(int directory, byte[] name, uint mode);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    private static partial int SymbolicLinkAt(byte[] target, int directory, byte[] name);

    [LibraryImport("libc", EntryPoint = "linkat", SetLastError = true)]
    private static partial int HardLinkAt(int fromDirectory, byte[] from, int directory, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(int directory, byte[] name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static partial int RenameAt(int fromDirectory, byte[] from, int toDirectory, byte[] to);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static partial nint ReadLinkAt(int directory, byte[] name, byte[] target, nuint size);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint OpenStream(int descriptor);

    [LibraryImport("libc", EntryPoint = "readdir")]
    private static partial nint ReadStream(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int CloseStream(nint stream);
}
