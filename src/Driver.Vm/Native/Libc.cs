using System.Runtime.InteropServices;

namespace OpenShell.Driver.Vm.Native;

/// <summary>The few libc calls that .NET has no name for.</summary>
internal static partial class Libc
{
    internal const int EPERM = 1;
    internal const int ESRCH = 3;
    internal const int EINTR = 4;

    /// <summary>The user that this process acts as.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUserId();

    /// <summary>Makes this process the leader of a session of its own; fails if it leads a group already.</summary>
    [LibraryImport("libc", EntryPoint = "setsid")]
    internal static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "pidfd_open", SetLastError = true)]
    internal static partial int OpenProcess(int processId, uint flags);

    [LibraryImport("libc", EntryPoint = "pidfd_send_signal", SetLastError = true)]
    internal static partial int SendSignal(SafeHandle process, int signal, nint info, uint flags);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(nint address, nuint length);
}
