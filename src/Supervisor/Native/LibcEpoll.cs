using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>epoll and eventfd.</summary>
internal static unsafe partial class LibcEpoll
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerHangUp = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;
    private const int CloseOnExec = 0x80000;

    /// <summary>As the kernel lays it out: packed on x86-64 only.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct Event
    {
        public uint Events;
        public ulong Data;
    }

    public static FileDescriptor Create()
    {
        var descriptor = EpollCreate1(CloseOnExec);
        return descriptor >= 0 ? new FileDescriptor(descriptor) : throw Errno.Failure("epoll_create1");
    }

    public static FileDescriptor CreateEventCounter()
    {
        var descriptor = EventFd(0, CloseOnExec | LibcIo.NonBlocking);
        return descriptor >= 0 ? new FileDescriptor(descriptor) : throw Errno.Failure("eventfd");
    }

    /// <returns>0 or the errno.</returns>
    public static int TryAdd(FileDescriptor epoll, FileDescriptor descriptor, uint events, ulong data)
    {
        var added = new Event { Events = events, Data = data };
        return EpollControl(epoll, Add, descriptor, &added) == 0 ? 0 : Errno.Last;
    }

    /// <returns>0 or the errno.</returns>
    public static int TryModify(FileDescriptor epoll, FileDescriptor descriptor, uint events, ulong data)
    {
        var changed = new Event { Events = events, Data = data };
        return EpollControl(epoll, Modify, descriptor, &changed) == 0 ? 0 : Errno.Last;
    }

    public static void Delete(FileDescriptor epoll, FileDescriptor descriptor)
    {
        Event ignored = default;
        _ = EpollControl(epoll, Remove, descriptor, &ignored);
    }

    /// <summary>Blocks until something is ready. Returns how many events were written.</summary>
    public static int Wait(FileDescriptor epoll, Span<Event> events)
    {
        fixed (Event* first = events)
        {
            while (true)
            {
                var count = EpollWait(epoll, first, events.Length, -1);
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

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate1(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(FileDescriptor epoll, int operation, FileDescriptor descriptor, Event* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(FileDescriptor epoll, Event* events, int capacity, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);
}
