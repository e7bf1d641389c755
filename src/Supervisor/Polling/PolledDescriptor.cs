using OpenShell.Linux;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Supervisor.Polling;

/// <summary>A non-blocking descriptor with one reader and one writer at a time.</summary>
internal sealed class PolledDescriptor : IDisposable
{
    private readonly EventLoop _loop;
    private readonly ulong _key;
    private readonly FileDescriptor _descriptor;
    private readonly ReadinessSignal _readable = new();
    private readonly ReadinessSignal _writable = new();
    private int _disposed;

    internal PolledDescriptor(EventLoop loop, ulong key, FileDescriptor descriptor)
    {
        _loop = loop;
        _key = key;
        _descriptor = descriptor;
    }

    public FileDescriptor Descriptor => _descriptor;

    /// <summary>Bytes that were written so far.</summary>
    public long Written { get; private set; }

    /// <summary>For calls other than reading and writing. Null: it has been closed.</summary>
    public T? WithDescriptor<T>(Func<FileDescriptor, T?> call)
        where T : struct
    {
        try
        {
            return call(_descriptor);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Reads without waiting: a count, 0 at the end, or the negated errno (<see cref="Errno.Again"/>: nothing there).</summary>
    public int TryRead(Span<byte> buffer)
    {
        try
        {
            return DescriptorIo.TryRead(_descriptor, buffer);
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    /// <summary>Waits until <see cref="TryRead"/> may have something. May be wrong, never late.</summary>
    public ValueTask WaitReadableAsync(CancellationToken cancellationToken) => _readable.WaitAsync(cancellationToken);

    /// <summary>Reads some bytes; 0 at the end. A terminal whose other side has gone has ended.</summary>
    /// <exception cref="IOException">Reading failed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            switch (TryRead(buffer.Span))
            {
                case >= 0 and var count:
                    return count;
                case -Errno.Again:
                    await WaitReadableAsync(cancellationToken);
                    break;
                case -Errno.Io:
                    return 0;
                case var failed:
                    throw new IOException(Errno.Text(-failed));
            }
        }
    }

    /// <summary>Writes everything. False: nobody reads any more, or it was closed.</summary>
    public async ValueTask<bool> TryWriteAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            switch (TryWrite(bytes.Span))
            {
                case >= 0 and var count:
                    Written += count;
                    bytes = bytes[count..];
                    break;
                case -Errno.Again:
                    await _writable.WaitAsync(cancellationToken);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    /// <summary>Closes it. A reader sees the end, a writer that nobody reads.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _loop.Unregister(_key, _descriptor);
        _descriptor.Dispose();
        OnReady(true, true);
    }

    internal void OnReady(bool readable, bool writable)
    {
        if (readable)
        {
            _readable.Set();
        }

        if (writable)
        {
            _writable.Set();
        }
    }

    private int TryWrite(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return DescriptorIo.TryWrite(_descriptor, bytes);
        }
        catch (ObjectDisposedException)
        {
            return -Errno.BrokenPipe;
        }
    }
}
