using System.Runtime.InteropServices;

namespace OpenShell.Linux.Descriptors;

/// <summary>Keeps a handle open while its number is in use by a call that takes no SafeHandle.</summary>
public readonly ref struct DescriptorReference
{
    private readonly SafeHandle _handle;

    public DescriptorReference(SafeHandle handle)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
        Number = (int)handle.DangerousGetHandle();
    }

    public int Number { get; }

    public void Dispose() => _handle.DangerousRelease();
}
