using Microsoft.Win32.SafeHandles;
using OpenShell.Linux.Descriptors;

namespace OpenShell.Cli.Context;

/// <summary>Writes straight to a descriptor, without a buffer. Throws <see cref="BrokenOutputException"/> on EPIPE.</summary>
internal sealed class DescriptorStream(SafeFileHandle descriptor) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!DescriptorIo.Write(descriptor, buffer))
        {
            throw new BrokenOutputException();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    // The write itself blocks: the caller has nothing else to do, and a thread switch for each chunk costs more.
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>The reader of our output has closed it (<c>openshell … | head</c>): the command ends without an error message.</summary>
internal sealed class BrokenOutputException : IOException
{
    public BrokenOutputException()
        : base("nobody reads the output any more")
    {
    }
}
