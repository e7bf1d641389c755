using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>The few socket calls that are made without the runtime's socket engine.</summary>
internal static unsafe partial class LibcSocket
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
            int on = 1;
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

    public static FileDescriptor Open(int family, int type)
    {
        var number = Socket(family, type | CloseOnExec, 0);
        return number >= 0 ? new FileDescriptor(number) : throw Errno.Failure("socket");
    }

    /// <summary>Ends our direction of a socket. False: it is no socket.</summary>
    public static bool TryEndWrites(FileDescriptor descriptor) =>
        Shutdown(descriptor, ShutdownWrite) == 0 || Errno.Last != Errno.NotSocket;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(FileDescriptor socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int Shutdown(FileDescriptor socket, int how);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(FileDescriptor socket, int level, int option, int* value, uint length);
}
