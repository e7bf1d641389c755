using System.Runtime.InteropServices;

namespace OpenShell.Ssh.Native;

/// <summary>The few calls of the C library that the loop needs.</summary>
internal static unsafe partial class Libc
{
    public const uint PollIn = 0x1;
    public const uint PollOut = 0x4;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Interrupted = 4;
    private const int DuplicateCloseOnExec = 1030;
    private const int SetFlags = 4;

    public const int EpollAdd = 1;
    public const int EpollRemove = 2;
    public const int EpollModify = 3;

    /// <summary>As the kernel lays it out: packed on x86-64 only.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    public struct PollEvent
    {
        public uint Events;
        public ulong Data;
    }

    public static int CreateEpoll() => Checked(EpollCreate1(CloseOnExec), "epoll_create1");

    public static SafeDescriptor CreateEventCounter() => new(Checked(EventFd(0, CloseOnExec | NonBlocking), "eventfd"));

    /// <summary>A second, non-blocking descriptor of the same open socket.</summary>
    /// <exception cref="IOException">No descriptors are left.</exception>
    public static int DuplicateNonBlocking(nint descriptor)
    {
        var copy = Checked(Fcntl((int)descriptor, DuplicateCloseOnExec, 0), "dup");
        if (Fcntl(copy, SetFlags, NonBlocking) >= 0)
        {
            return copy;
        }

        var failure = Failure("fcntl");
        _ = Close(copy);
        throw failure;
    }

    /// <returns>Whether it could be done: a descriptor that was closed is out already.</returns>
    public static bool Control(int epoll, int operation, int descriptor, uint events, ulong data)
    {
        var change = new PollEvent { Events = events, Data = data };
        return EpollControl(epoll, operation, descriptor, &change) == 0;
    }

    /// <summary>Blocks until something is ready. Returns how many events were written.</summary>
    public static int Wait(int epoll, Span<PollEvent> events, bool block)
    {
        fixed (PollEvent* first = events)
        {
            while (true)
            {
                var count = EpollWait(epoll, first, events.Length, block ? -1 : 0);
                if (count >= 0)
                {
                    return count;
                }

                if (Marshal.GetLastPInvokeError() != Interrupted)
                {
                    throw Failure("epoll_wait");
                }
            }
        }
    }

    /// <summary>Wakes whoever polls the counter; nobody, if it was closed.</summary>
    public static void Increment(SafeDescriptor counter)
    {
        ulong one = 1;
        try
        {
            // Full means that it is awake.
            _ = Write(counter, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, and with it what was posted.
        }
    }

    public static void Reset(SafeDescriptor counter)
    {
        ulong value;
        _ = Read(counter, &value, sizeof(ulong));
    }

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "malloc_usable_size")]
    public static partial nint AllocatedSize(nint block);

    private static int Checked(int result, string operation) => result >= 0 ? result : throw Failure(operation);

    private static IOException Failure(string operation) =>
        new($"{operation}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int EpollCreate1(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int EpollControl(int epoll, int operation, int descriptor, PollEvent* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int EpollWait(int epoll, PollEvent* events, int capacity, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeDescriptor descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeDescriptor descriptor, void* buffer, nuint count);
}
