using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>Owns one descriptor of the kernel.</summary>
internal sealed class FileDescriptor : SafeHandle
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

    protected override bool ReleaseHandle() => LibcIo.Close((int)handle) == 0;
}
