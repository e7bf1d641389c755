using System.Runtime.InteropServices;

namespace OpenShell.Linux.Descriptors;

/// <summary>poll(2): blocks the calling thread until a descriptor is ready, for code without an event loop.</summary>
public static partial class Poll
{
    private const short In = 1;
    private const short Out = 4;

    // Errors and hang-ups are reported unasked: POLLERR of a pipe, POLLHUP of a socket.
    private const short OnlyErrors = 0;
    private const int Forever = -1;

    /// <summary>Waits until it can be read, or is at its end.</summary>
    public static void WaitReadable(SafeHandle input) => WaitFor(input, In);

    /// <summary>Waits until it can be written, or has no reader.</summary>
    public static void WaitWritable(SafeHandle output) => WaitFor(output, Out);

    /// <summary>Waits until <paramref name="input"/> can be read (or is at its end); false when <paramref name="cancel"/> was incremented.</summary>
    public static bool WaitReadable(SafeHandle input, EventCounter cancel) => WaitFor(input, In, cancel);

    /// <summary>Waits until <paramref name="output"/> has no reader any more; false when <paramref name="cancel"/> was incremented.</summary>
    public static bool WaitAbandoned(SafeHandle output, EventCounter cancel) => WaitFor(output, OnlyErrors, cancel);

    /// <summary>Waits until <paramref name="input"/> can be read; false when that did not come within the time.</summary>
    public static bool WaitReadable(SafeHandle input, TimeSpan timeout)
    {
        using var reference = new DescriptorReference(input);
        Span<Entry> entries = [new Entry { Descriptor = reference.Number, Events = In }];
        return Call(entries, 1, (int)timeout.TotalMilliseconds) > 0;
    }

    private static void WaitFor(SafeHandle handle, short events)
    {
        using var reference = new DescriptorReference(handle);
        WaitForAny([new Entry { Descriptor = reference.Number, Events = events }]);
    }

    private static bool WaitFor(SafeHandle handle, short events, EventCounter cancel)
    {
        using var reference = new DescriptorReference(handle);
        using var cancelReference = new DescriptorReference(cancel.Descriptor);
        Span<Entry> entries =
        [
            new Entry { Descriptor = reference.Number, Events = events },
            new Entry { Descriptor = cancelReference.Number, Events = In },
        ];
        WaitForAny(entries);
        return entries[1].Returned == 0;
    }

    private static void WaitForAny(Span<Entry> entries)
    {
        while (Call(entries, (nuint)entries.Length, Forever) < 0)
        {
            if (Errno.Last != Errno.Interrupted)
            {
                throw Errno.Failure("poll");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Call(Span<Entry> entries, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
