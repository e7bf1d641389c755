using System.Runtime.InteropServices;

namespace OpenShell.Ssh.Native;

/// <summary>Owns a descriptor that other threads write to while it may be closed.</summary>
internal sealed class SafeDescriptor : SafeHandle
{
    public SafeDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    /// <summary>The number, on the thread that closes it.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
