using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenShell.Driver.Vm.Native;

/// <summary>A pidfd: signals sent through it can never hit another process that got the same number later.</summary>
internal sealed class ProcessDescriptor : SafeHandleMinusOneIsInvalid
{
    private ProcessDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Opens a process; null if there is none with this number.</summary>
    public static ProcessDescriptor? TryOpen(int processId)
    {
        var descriptor = Libc.OpenProcess(processId, 0);
        return descriptor < 0 ? null : new ProcessDescriptor(descriptor);
    }

    /// <summary>Sends a signal; false if the process is gone or is not ours.</summary>
    public bool TrySignal(int signal)
    {
        while (Libc.SendSignal(this, signal, 0, 0) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Libc.EINTR)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // The descriptor is a plain file descriptor; SafeFileHandle closes those.
        new SafeFileHandle(handle, ownsHandle: true).Dispose();
        return true;
    }
}
