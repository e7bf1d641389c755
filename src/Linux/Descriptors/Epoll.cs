using System.Runtime.InteropServices;

namespace OpenShell.Linux.Descriptors;

/// <summary>
/// epoll(7). The loops around it are their owners': the supervisor's is edge-triggered and only sets signals, that of SSH is
/// level-triggered and a synchronization context, because libssh may be called on one thread only.
/// </summary>
public sealed unsafe partial class Epoll : IDisposable
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private const int OperationAdd = 1;
    private const int OperationRemove = 2;
    private const int OperationModify = 3;
    private const int CloseOnExec = 0x80000;
    private const int Forever = -1;

    private readonly FileDescriptor _descriptor;

    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public Epoll()
    {
        var number = Create(CloseOnExec);
        _descriptor = number >= 0 ? new FileDescriptor(number) : throw Errno.Failure("epoll_create1");
    }

    /// <summary>As the kernel lays it out: packed on x86-64 only.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct ReadyEvent
    {
        public uint Events { readonly get; set; }

        /// <summary>What was given with the descriptor. A key, not its number, which the next descriptor may have.</summary>
        public ulong Data { readonly get; set; }
    }

    /// <returns>0 or the errno.</returns>
    public int TryAdd(FileDescriptor descriptor, uint events, ulong data) => TryControl(OperationAdd, descriptor, events, data);

    /// <returns>0 or the errno.</returns>
    public int TryModify(FileDescriptor descriptor, uint events, ulong data) => TryControl(OperationModify, descriptor, events, data);

    /// <summary>Before the descriptor is closed.</summary>
    public void Remove(FileDescriptor descriptor) => _ = TryControl(OperationRemove, descriptor, 0, 0);

    /// <summary>Blocks until something is ready, unless told not to. Returns how many events were written.</summary>
    public int Wait(Span<ReadyEvent> events, bool block = true)
    {
        fixed (ReadyEvent* first = events)
        {
            while (true)
            {
                var count = Wait(_descriptor, first, events.Length, block ? Forever : 0);
                if (count >= 0)
                {
                    return count;
                }

                if (Errno.Last != Errno.Interrupted)
                {
                    throw Errno.Failure("epoll_wait");
                }
            }
        }
    }

    public void Dispose() => _descriptor.Dispose();

    private int TryControl(int operation, FileDescriptor descriptor, uint events, ulong data)
    {
        var change = new ReadyEvent { Events = events, Data = data };
        return Control(_descriptor, operation, descriptor, &change) == 0 ? 0 : Errno.Last;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(FileDescriptor epoll, int operation, FileDescriptor descriptor, ReadyEvent* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(FileDescriptor epoll, ReadyEvent* events, int capacity, int timeoutMilliseconds);
}
