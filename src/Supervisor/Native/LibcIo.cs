using System.Runtime.InteropServices;

namespace OpenShell.Supervisor.Native;

/// <summary>Descriptors: opening, reading, writing.</summary>
internal static unsafe partial class LibcIo
{
    public const int OpenReadOnly = 0;
    public const int OpenWriteOnly = 1;
    public const int OpenReadWrite = 2;
    public const int NoControllingTerminal = 0x100;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    public const short PollIn = 1;
    public const short PollOut = 4;

    private const int FcntlGetFlags = 3;
    private const int FcntlSetFlags = 4;
    private const uint IoctlBytesReadable = 0x541B;

    /// <summary>A pipe that is closed on exec; only the ends that are asked for are non-blocking.</summary>
    public static (FileDescriptor Read, FileDescriptor Write) CreatePipe(bool nonBlockingRead, bool nonBlockingWrite)
    {
        var ends = stackalloc int[2];
        if (Pipe2(ends, CloseOnExec) != 0)
        {
            throw Errno.Failure("pipe");
        }

        var pipe = (Read: new FileDescriptor(ends[0]), Write: new FileDescriptor(ends[1]));
        if (nonBlockingRead)
        {
            SetNonBlocking(pipe.Read);
        }

        if (nonBlockingWrite)
        {
            SetNonBlocking(pipe.Write);
        }

        return pipe;
    }

    public static void SetNonBlocking(FileDescriptor descriptor)
    {
        var flags = Fcntl(descriptor, FcntlGetFlags, 0);
        if (flags < 0 || Fcntl(descriptor, FcntlSetFlags, flags | NonBlocking) < 0)
        {
            throw Errno.Failure("fcntl");
        }
    }

    /// <summary>Reads once. Returns the count, 0 at the end, or the negated errno.</summary>
    public static int Read(FileDescriptor descriptor, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                var count = Read(descriptor, bytes, (nuint)buffer.Length);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Errno.Last != Errno.Interrupted)
                {
                    return -Errno.Last;
                }
            }
        }
    }

    /// <summary>Writes once. Returns the count or the negated errno.</summary>
    public static int Write(FileDescriptor descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            while (true)
            {
                var count = Write(descriptor, start, (nuint)bytes.Length);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Errno.Last != Errno.Interrupted)
                {
                    return -Errno.Last;
                }
            }
        }
    }

    /// <summary>Blocks this thread until a descriptor may be ready; for a caller without an event loop.</summary>
    public static void Wait(FileDescriptor descriptor, short events)
    {
        var poll = stackalloc int[2];
        poll[0] = descriptor.Number;
        poll[1] = (ushort)events;
        _ = Poll(poll, 1, -1);
    }

    /// <summary>Gives up standard input, output and error: they lead to /dev/null from now on.</summary>
    public static void DetachStandardStreams()
    {
        using var nowhere = new FileDescriptor(Open("/dev/null", OpenReadWrite | CloseOnExec, 0));
        for (var number = 0; number <= 2; number++)
        {
            if (nowhere.IsInvalid || Duplicate(nowhere, number) < 0)
            {
                throw Errno.Failure("/dev/null");
            }
        }
    }

    /// <summary>Bytes that can be read at once; 0 where the descriptor cannot tell.</summary>
    public static int BytesReadable(FileDescriptor descriptor)
    {
        var count = 0;
        return Ioctl(descriptor, IoctlBytesReadable, (nint)(&count)) == 0 ? count : 0;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(FileDescriptor descriptor, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(FileDescriptor descriptor, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Duplicate(FileDescriptor descriptor, int number);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(int* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(FileDescriptor descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(FileDescriptor descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(FileDescriptor descriptor, byte* buffer, nuint count);
}
