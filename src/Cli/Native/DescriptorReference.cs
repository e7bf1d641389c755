using Microsoft.Win32.SafeHandles;

namespace OpenShell.Cli.Native;

/// <summary>Keeps a handle open while its number is in use by a call that takes no SafeHandle.</summary>
internal readonly ref struct DescriptorReference
{
    private readonly SafeFileHandle _handle;

    public DescriptorReference(SafeFileHandle handle)
    {
        var added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
        Value = (int)handle.DangerousGetHandle();
    }

    public int Value { get; }

    public void Dispose() => _handle.DangerousRelease();
}
