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
        : this() => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    /// <summary>The number, for calls in which the owner is known to stay alive.</summary>
    public int Number => (int)handle;

    /// <summary>Closes a descriptor that nothing owns yet.</summary>
    public static void Close(int descriptor) => _ = CloseNumber(descriptor);

    protected override bool ReleaseHandle() => CloseNumber((int)handle) == 0;

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseNumber(int descriptor);
}
