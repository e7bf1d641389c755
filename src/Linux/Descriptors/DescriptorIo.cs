using System.Runtime.InteropServices;

namespace OpenShell.Linux.Descriptors;

/// <summary>
/// open(2), read(2), write(2) and what fcntl(2) and ioctl(2) do for pipes. A FileStream is not enough: it takes no descriptor
/// that is non-blocking, cannot give up a read of a terminal, and fails when another process made a shared descriptor non-blocking.
/// </summary>
public static unsafe partial class DescriptorIo
{
    public const int OpenReadOnly = 0;
    public const int OpenReadWrite = 2;
    public const int NoControllingTerminal = 0x100;
    public const int NonBlocking = 0x800;
    public const int CloseOnExec = 0x80000;

    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int DuplicateCloseOnExec = 1030;
    private const int SetPipeSize = 1031;
    private const uint IoctlBytesReadable = 0x541B;
    private const int SeekSet = 0;
    private const int SeekCurrent = 1;

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

    public static void SetNonBlocking(SafeHandle descriptor)
    {
        var flags = Control(descriptor, GetFlags, 0);
        if (flags < 0 || Control(descriptor, SetFlags, flags | NonBlocking) < 0)
        {
            throw Errno.Failure("fcntl");
        }
    }

    /// <summary>A second, non-blocking descriptor of the same open file. Both are non-blocking then: the flag is the open file's.</summary>
    /// <exception cref="IOException">No descriptors are left.</exception>
    public static FileDescriptor DuplicateNonBlocking(SafeHandle descriptor)
    {
        var number = Control(descriptor, DuplicateCloseOnExec, 0);
        if (number < 0)
        {
            throw Errno.Failure("dup");
        }

        var copy = new FileDescriptor(number);
        if (Control(copy, SetFlags, NonBlocking) >= 0)
        {
            return copy;
        }

        var failure = Errno.Failure("fcntl");
        copy.Dispose();
        throw failure;
    }

    /// <summary>Reads once. Returns the count, 0 at the end, or the negated errno.</summary>
    public static int TryRead(SafeHandle descriptor, Span<byte> buffer)
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
    public static int TryWrite(SafeHandle descriptor, ReadOnlySpan<byte> bytes)
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

    /// <summary>Blocks until there are bytes, also where another process made the descriptor non-blocking. 0 at the end.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static int Read(SafeHandle input, Span<byte> buffer)
    {
        while (true)
        {
            switch (TryRead(input, buffer))
            {
                case >= 0 and var count:
                    return count;
                case -Errno.Again:
                    Poll.WaitReadable(input);
                    break;
                default:
                    throw Errno.Failure("read");
            }
        }
    }

    /// <summary>Writes all of it; false when the other end has no reader any more.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static bool Write(SafeHandle output, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            switch (TryWrite(output, data))
            {
                case >= 0 and var count:
                    data = data[count..];
                    break;
                case -Errno.Again:
                    Poll.WaitWritable(output);
                    break;
                case -Errno.BrokenPipe:
                    return false;
                default:
                    throw Errno.Failure("write");
            }
        }

        return true;
    }

    /// <summary>Makes a pipe hold more, so that its two ends wake each other up less often. Nothing happens to what is no pipe.</summary>
    public static void EnlargePipe(SafeHandle pipe, int bytes) => _ = Control(pipe, SetPipeSize, bytes);

    /// <summary>Where the next read is; null of what has no positions, such as a pipe or a terminal.</summary>
    public static long? Position(SafeHandle file) => Seek(file, 0, SeekCurrent) is >= 0 and var position ? position : null;

    /// <summary>Moves the next read, of everybody who shares the open file.</summary>
    public static void MoveTo(SafeHandle file, long position) => _ = Seek(file, position, SeekSet);

    /// <summary>Bytes that can be read at once; 0 where the descriptor cannot tell.</summary>
    public static int BytesReadable(SafeHandle descriptor)
    {
        var count = 0;
        return Ioctl(descriptor, IoctlBytesReadable, (nint)(&count)) == 0 ? count : 0;
    }

    /// <summary>Puts what a descriptor leads to in the place of another number, which stays open on exec. Negative: see errno.</summary>
    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Replace(SafeHandle by, int number);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Ioctl(SafeHandle descriptor, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeHandle descriptor, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeHandle descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeHandle descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeHandle descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle descriptor, byte* buffer, nuint count);
}
