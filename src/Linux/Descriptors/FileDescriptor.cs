using System.Runtime.InteropServices;

namespace OpenShell.Linux.Descriptors;

/// <summary>
/// Owns one descriptor of the kernel. What a FileStream reads has a SafeFileHandle instead; the calls take both.
/// </summary>
public sealed partial class FileDescriptor : SafeHandle
{
    public FileDescriptor()
        : base(-1, ownsHandle: true)
    {
    }

    public FileDescriptor(int descriptor)
        : this(descriptor, ownsHandle: true)
    {
    }

    /// <param name="ownsHandle">False: its owner closes it, and not before the last use of this.</param>
    public FileDescriptor(int descriptor, bool ownsHandle)
        : base(-1, ownsHandle) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    /// <summary>The number, for calls in which the owner is known to stay alive.</summary>
    public int Number => (int)handle;

    /// <summary>Closes a descriptor that nothing owns yet.</summary>
    public static void Close(int descriptor) => _ = CloseNumber(descriptor);

    /// <summary>Gives the descriptor, which stays open, to another owner.</summary>
    public int Release()
    {
        var number = (int)handle;
        SetHandleAsInvalid();
        return number;
    }

    protected override bool ReleaseHandle() => CloseNumber((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseNumber(int descriptor);
}
