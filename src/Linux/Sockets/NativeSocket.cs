using System.Runtime.InteropServices;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Linux.Sockets;

/// <summary>The few socket calls that are made without the runtime's socket engine.</summary>
public static unsafe partial class NativeSocket
{
    public const int Unix = 1;
    public const int IPv4 = 2;
    public const int IPv6 = 10;
    public const int Datagram = 2;

    private const int Stream = 1;
    private const int CloseOnExec = 0x80000;
    private const int ShutdownWrite = 1;
    private const int ProtocolTcp = 6;
    private const int OptionNoDelay = 1;
    private const int LevelSocket = 1;
    private const int OptionError = 4;
    private const int OptionLinger = 13;
    private const int Backlog = 64;

    /// <summary>Connects a blocking stream socket.</summary>
    /// <param name="address">In the kernel's form, the family first.</param>
    /// <param name="error">The errno, when null is returned.</param>
    public static FileDescriptor? TryConnect(ReadOnlySpan<byte> address, out int error)
    {
        var family = address[0];
        var socket = Open(family, Stream);
        if (family != Unix)
        {
            // Terminal traffic is many small pieces that must not wait for each other.
            var on = 1;
            _ = SetOption(socket, ProtocolTcp, OptionNoDelay, &on, sizeof(int));
        }

        fixed (byte* bytes = address)
        {
            while (Connect(socket, bytes, (uint)address.Length) != 0)
            {
                error = Errno.Last;
                if (error != Errno.Interrupted)
                {
                    socket.Dispose();
                    return null;
                }
            }
        }

        error = 0;
        return socket;
    }

    /// <summary>Begins to connect a non-blocking stream socket: it is writable when <see cref="PendingError"/> tells how that went.</summary>
    /// <returns>Null: it has failed already.</returns>
    public static FileDescriptor? BeginConnect(ReadOnlySpan<byte> address)
    {
        var family = address[0];
        var socket = Open(family, Stream | DescriptorIo.NonBlocking);
        if (family != Unix)
        {
            var on = 1;
            _ = SetOption(socket, ProtocolTcp, OptionNoDelay, &on, sizeof(int));
        }

        fixed (byte* bytes = address)
        {
            if (Connect(socket, bytes, (uint)address.Length) != 0 && Errno.Last != Errno.InProgress)
            {
                socket.Dispose();
                return null;
            }
        }

        return socket;
    }

    /// <summary>Listens on a Unix socket, non-blocking. A file that is in the way is removed: its listener has ended.</summary>
    /// <exception cref="IOException">It cannot be.</exception>
    public static FileDescriptor Listen(string path, ReadOnlySpan<byte> address)
    {
        File.Delete(path);
        var socket = Open(Unix, Stream | DescriptorIo.NonBlocking);
        fixed (byte* bytes = address)
        {
            if (Bind(socket, bytes, (uint)address.Length) != 0 || Listen(socket, Backlog) != 0)
            {
                var failure = Errno.Failure(path);
                socket.Dispose();
                throw failure;
            }
        }

        return socket;
    }

    /// <summary>Takes a waiting connection, non-blocking. Null: see <paramref name="error"/>.</summary>
    public static FileDescriptor? TryAccept(FileDescriptor listener, out int error)
    {
        var number = Accept(listener, null, null, CloseOnExec | DescriptorIo.NonBlocking);
        error = number < 0 ? Errno.Last : 0;
        return number < 0 ? null : new FileDescriptor(number);
    }

    /// <summary>How a connect ended: 0 or the errno.</summary>
    public static int PendingError(FileDescriptor socket)
    {
        var error = 0;
        uint length = sizeof(int);
        return GetOption(socket, LevelSocket, OptionError, &error, &length) == 0 ? error : Errno.Last;
    }

    /// <summary>Closing it resets the connection, and nothing of it lingers in the kernel or at its peer.</summary>
    public static void ResetOnClose(FileDescriptor socket)
    {
        // struct linger: on, seconds.
        var linger = stackalloc int[] { 1, 0 };
        _ = SetOption(socket, LevelSocket, OptionLinger, linger, 2 * sizeof(int));
    }

    public static FileDescriptor Open(int family, int type)
    {
        var number = Socket(family, type | CloseOnExec, 0);
        return number >= 0 ? new FileDescriptor(number) : throw Errno.Failure("socket");
    }

    /// <summary>Two stream sockets that are connected to each other.</summary>
    /// <exception cref="IOException">No descriptors are left.</exception>
    public static (FileDescriptor First, FileDescriptor Second) CreatePair()
    {
        var ends = stackalloc int[2];
        return SocketPair(Unix, Stream | CloseOnExec, 0, ends) == 0
            ? (new FileDescriptor(ends[0]), new FileDescriptor(ends[1]))
            : throw Errno.Failure("socketpair");
    }

    /// <summary>Ends our direction of a socket. False: it is no socket.</summary>
    public static bool TryEndWrites(FileDescriptor descriptor) =>
        Shutdown(descriptor, ShutdownWrite) == 0 || Errno.Last != Errno.NotSocket;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int family, int type, int protocol, int* ends);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(FileDescriptor socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(FileDescriptor socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    private static partial int Listen(FileDescriptor socket, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept(FileDescriptor socket, byte* address, uint* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetOption(FileDescriptor socket, int level, int option, int* value, uint* length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int Shutdown(FileDescriptor socket, int how);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(FileDescriptor socket, int level, int option, int* value, uint length);
}
