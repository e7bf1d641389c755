using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OpenShell.Cli.Native;

/// <summary>
/// read(2), write(2), poll(2), eventfd(2) and what fcntl(2) can do for a pipe. A FileStream is not enough: it cannot give up a read of a terminal,
/// and it fails when another process made a shared descriptor non-blocking.
/// </summary>
internal static partial class FileDescriptors
{
    private const short PollIn = 1;
    private const short PollOut = 4;
    private const int EventFdCloseOnExec = 0x80000;
    private const int Forever = -1;
    private const int SetPipeSize = 1031;
    private const int SeekSet = 0;
    private const int SeekCurrent = 1;

    /// <summary>A new eventfd with count 0.</summary>
    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public static SafeFileHandle CreateEvent()
    {
        var descriptor = EventFd(0, EventFdCloseOnExec);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure("eventfd");
    }

    /// <summary>Makes everybody who polls this eventfd return, now and later.</summary>
    public static void Signal(SafeFileHandle eventDescriptor)
    {
        ulong one = 1;
        _ = Write(eventDescriptor, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
    }

    /// <summary>Waits until <paramref name="input"/> can be read (or is at its end); false when <paramref name="cancel"/> was signalled.</summary>
    public static bool WaitReadable(SafeFileHandle input, SafeFileHandle cancel)
    {
        Span<PollDescriptor> descriptors = stackalloc PollDescriptor[2];
        using var inputReference = new DescriptorReference(input);
        using var cancelReference = new DescriptorReference(cancel);
        descriptors[0] = new PollDescriptor { Descriptor = inputReference.Value, Events = PollIn };
        descriptors[1] = new PollDescriptor { Descriptor = cancelReference.Value, Events = PollIn };
        PollUntilReady(descriptors);
        return descriptors[1].Returned == 0;
    }

    /// <summary>Waits until <paramref name="input"/> can be read; false when that did not come within the time.</summary>
    public static bool WaitReadable(SafeFileHandle input, TimeSpan timeout)
    {
        Span<PollDescriptor> descriptors = stackalloc PollDescriptor[1];
        using var reference = new DescriptorReference(input);
        descriptors[0] = new PollDescriptor { Descriptor = reference.Value, Events = PollIn };
        return Poll(descriptors, 1, (int)timeout.TotalMilliseconds) > 0;
    }

    /// <summary>Waits until nobody reads <paramref name="output"/> any more; false when <paramref name="cancel"/> was signalled.</summary>
    public static bool WaitAbandoned(SafeFileHandle output, SafeFileHandle cancel)
    {
        Span<PollDescriptor> descriptors = stackalloc PollDescriptor[2];
        using var outputReference = new DescriptorReference(output);
        using var cancelReference = new DescriptorReference(cancel);

        // Errors and hang-ups are reported unasked: POLLERR of a pipe, POLLHUP of a socket.
        descriptors[0] = new PollDescriptor { Descriptor = outputReference.Value };
        descriptors[1] = new PollDescriptor { Descriptor = cancelReference.Value, Events = PollIn };
        PollUntilReady(descriptors);
        return descriptors[1].Returned == 0;
    }

    /// <summary>Makes a pipe hold more, so that its two ends wake each other up less often. Nothing happens to what is no pipe.</summary>
    public static void EnlargePipe(SafeFileHandle pipe, int bytes) => _ = Control(pipe, SetPipeSize, bytes);

    /// <summary>Where the next read is; null of what has no places, such as a pipe or a terminal.</summary>
    public static long? Position(SafeFileHandle file) => Seek(file, 0, SeekCurrent) is >= 0 and var position ? position : null;

    /// <summary>Moves the next read, of everybody who shares the open file.</summary>
    public static void MoveTo(SafeFileHandle file, long position) => _ = Seek(file, position, SeekSet);

    /// <summary>Bytes read; 0 at the end.</summary>
    /// <exception cref="IOException">Anything but EINTR and EAGAIN.</exception>
    public static int Read(SafeFileHandle input, Span<byte> buffer)
    {
        while (true)
        {
            var count = ReadOnce(input, buffer, (nuint)buffer.Length);
            if (count >= 0)
            {
                return (int)count;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.Interrupted:
                    break;
                case Errno.TryAgain:
                    WaitFor(input, PollIn);
                    break;
                default:
                    throw Failure("read");
            }
        }
    }

    /// <summary>Writes all of it; false when nobody reads the other end any more.</summary>
    /// <exception cref="IOException">Anything but EINTR, EAGAIN and EPIPE.</exception>
    public static bool Write(SafeFileHandle output, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var count = WriteOnce(output, data, (nuint)data.Length);
            if (count >= 0)
            {
                data = data[(int)count..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Errno.Interrupted:
                    break;
                case Errno.TryAgain:
                    WaitFor(output, PollOut);
                    break;
                case Errno.BrokenPipe:
                    return false;
                default:
                    throw Failure("write");
            }
        }

        return true;
    }

    private static void WaitFor(SafeFileHandle handle, short events)
    {
        Span<PollDescriptor> descriptors = stackalloc PollDescriptor[1];
        using var reference = new DescriptorReference(handle);
        descriptors[0] = new PollDescriptor { Descriptor = reference.Value, Events = events };
        PollUntilReady(descriptors);
    }

    private static void PollUntilReady(Span<PollDescriptor> descriptors)
    {
        while (Poll(descriptors, (nuint)descriptors.Length, Forever) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Errno.Interrupted)
            {
                throw Failure("poll");
            }
        }
    }

    private static IOException Failure(string call)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{call}: {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventFd(uint initialValue, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeFileHandle descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(Span<PollDescriptor> descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadOnce(SafeFileHandle descriptor, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteOnce(SafeFileHandle descriptor, ReadOnlySpan<byte> buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
