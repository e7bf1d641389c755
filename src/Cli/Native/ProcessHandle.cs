using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenShell.Cli.Native;

/// <summary>A pidfd: signals reach this process or none, however often its number is used again.</summary>
internal sealed partial class ProcessHandle : IDisposable
{
    private const int TermSignal = 15;

    // The same numbers on every architecture that .NET runs on.
    private const nint PidfdSendSignal = 424;
    private const nint PidfdOpen = 434;

    private readonly SafeFileHandle _descriptor;

    private ProcessHandle(SafeFileHandle descriptor) => _descriptor = descriptor;

    /// <summary>Null when there is no such process, or another one has the number by now.</summary>
    public static ProcessHandle? Open(int pid, ProcessStart start)
    {
        var descriptor = OpenPidfd(PidfdOpen, pid, 0);
        if (descriptor < 0)
        {
            return null;
        }

        // Looked at after opening: if it is the one now, the descriptor is of no other.
        var handle = new ProcessHandle(new SafeFileHandle(descriptor, ownsHandle: true));
        if (ProcessStart.Of(pid) == start)
        {
            return handle;
        }

        handle.Dispose();
        return null;
    }

    /// <summary>Asks it to end.</summary>
    public void Terminate()
    {
        using var reference = new DescriptorReference(_descriptor);
        _ = SendSignal(PidfdSendSignal, reference.Value, TermSignal, 0, 0);
    }

    /// <summary>Waits until it has ended; false when it has not within the time.</summary>
    public bool WaitForEnd(TimeSpan timeout) => FileDescriptors.WaitReadable(_descriptor, timeout);

    public void Dispose() => _descriptor.Dispose();

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint OpenPidfd(nint number, nint pid, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SendSignal(nint number, nint descriptor, nint signal, nint info, nint flags);
}
