using System.Buffers;
using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;

namespace OpenShell.Supervisor.Helper;

/// <summary>
/// One direction of a connection. What the receiver does not take at once is kept, at most one read of it, and nothing
/// more is read until that is gone: so a slow receiver slows its sender, and an idle connection holds no buffer.
/// </summary>
internal sealed class Flow(HelperSocket from, HelperSocket to, byte[] buffer)
{
    private byte[]? _pending;
    private int _pendingStart;
    private int _pendingEnd;

    /// <summary>The sender has ended its direction.</summary>
    public bool Ended { get; private set; }

    /// <summary>The receiver has got everything, its end included.</summary>
    public bool Finished { get; private set; }

    public bool WantsRead => !Ended && _pending is null;

    public bool WantsWrite => _pending is not null;

    /// <summary>Passes on what can be read. False: one of the two broke.</summary>
    public bool TryRead()
    {
        var count = DescriptorIo.TryRead(from.Descriptor, buffer);
        if (count == 0)
        {
            Ended = true;
            Finish();
            return true;
        }

        return count == -Errno.Again || (count > 0 && TryPass(buffer.AsSpan(0, count)));
    }

    /// <summary>Passes on what was kept. False: the receiver is gone.</summary>
    public bool TryWrite()
    {
        var count = Write(_pending.AsSpan(_pendingStart, _pendingEnd - _pendingStart));
        _pendingStart += Math.Max(count, 0);
        if (count >= 0 && _pendingStart == _pendingEnd)
        {
            Drop();
            if (Ended)
            {
                Finish();
            }
        }

        return count >= 0;
    }

    /// <summary>Gives the buffer back.</summary>
    public void Drop()
    {
        if (_pending is not null)
        {
            ArrayPool<byte>.Shared.Return(_pending);
            _pending = null;
        }
    }

    private bool TryPass(ReadOnlySpan<byte> bytes)
    {
        var count = Write(bytes);
        if (count >= 0 && count < bytes.Length)
        {
            var rest = bytes[count..];
            _pending = ArrayPool<byte>.Shared.Rent(rest.Length);
            rest.CopyTo(_pending);
            (_pendingStart, _pendingEnd) = (0, rest.Length);
        }

        return count >= 0;
    }

    private int Write(ReadOnlySpan<byte> bytes)
    {
        var count = DescriptorIo.TryWrite(to.Descriptor, bytes);
        return count == -Errno.Again ? 0 : count;
    }

    private void Finish()
    {
        NativeSocket.TryEndWrites(to.Descriptor);
        Finished = true;
    }
}
