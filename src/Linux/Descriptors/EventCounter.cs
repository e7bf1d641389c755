using System.Runtime.InteropServices;

namespace OpenShell.Linux.Descriptors;

/// <summary>eventfd(2), non-blocking: wakes those who poll its descriptor. Any thread may increment it, also while it is closed.</summary>
public sealed partial class EventCounter : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    /// <exception cref="IOException">The process has no descriptor left.</exception>
    public EventCounter()
    {
        var number = Create(0, CloseOnExec | NonBlocking);
        Descriptor = number >= 0 ? new FileDescriptor(number) : throw Errno.Failure("eventfd");
    }

    public FileDescriptor Descriptor { get; }

    /// <summary>Every poll of it returns, now and until it is reset. Does nothing once it is closed.</summary>
    public void Increment()
    {
        ulong one = 1;
        try
        {
            // A full counter has woken its waiters already.
            _ = DescriptorIo.TryWrite(Descriptor, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)));
        }
        catch (ObjectDisposedException)
        {
            // Its waiter has ended.
        }
    }

    public void Reset()
    {
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        _ = DescriptorIo.TryRead(Descriptor, count);
    }

    public void Dispose() => Descriptor.Dispose();

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int Create(uint initial, int flags);
}
