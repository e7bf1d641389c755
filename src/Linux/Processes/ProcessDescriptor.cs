using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Processes;

/// <summary>A pidfd: a signal that is sent through it reaches this process or none, however often its number is used again.</summary>
public sealed partial class ProcessDescriptor : IDisposable
{
    // By number: the C library has functions for these since glibc 2.36 only. The same on every architecture.
    private const nint CallSendSignal = 424;
    private const nint CallOpen = 434;

    private ProcessDescriptor(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>Becomes readable when the process ends.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Null: there is no such process.</summary>
    public static ProcessDescriptor? TryOpen(int pid)
    {
        var descriptor = OpenProcess(CallOpen, pid, 0);
        return descriptor < 0 ? null : new ProcessDescriptor(new FileDescriptor((int)descriptor));
    }

    /// <summary>Sends a signal; false if the process is gone or is not ours.</summary>
    public bool TrySignal(int signal)
    {
        while (SendSignal(CallSendSignal, Descriptor, signal, 0, 0) < 0)
        {
            if (Errno.Last != Errno.Interrupted)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Waits until it has ended; false when it has not within the time.</summary>
    public bool WaitForEnd(TimeSpan timeout) => Poll.WaitReadable(Descriptor, timeout);

    public void Dispose() => Descriptor.Dispose();

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenProcess(nint number, nint pid, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SendSignal(nint number, FileDescriptor process, nint signal, nint info, nint flags);
}
