using OpenShell.Linux.Descriptors;

namespace OpenShell.Supervisor.Helper;

/// <summary>A descriptor that a <see cref="HelperLoop"/> watches, and what is done when it is ready.</summary>
internal sealed class HelperSocket(HelperLoop loop, ulong key, FileDescriptor descriptor, Action<uint> onReady) : IDisposable
{
    /// <summary>Readable, ended or broken: a read tells which.</summary>
    public const uint Readable = Epoll.In | Epoll.PeerHangUp | Epoll.HangUp | Epoll.Error;

    /// <summary>Writable or broken.</summary>
    public const uint Writable = Epoll.Out | Epoll.HangUp | Epoll.Error;

    private uint _interest;
    private bool _disposed;

    public ulong Key => key;

    public FileDescriptor Descriptor => descriptor;

    /// <summary>What it is watched for from now on.</summary>
    public void Watch(bool read, bool write)
    {
        var interest = (read ? Epoll.In : 0) | (write ? Epoll.Out : 0);
        if (interest != _interest)
        {
            loop.Change(this, _interest, interest);
            _interest = interest;
        }
    }

    public void OnReady(uint events)
    {
        if (!_disposed)
        {
            onReady(events);
        }
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        Watch(read: false, write: false);
        _disposed = true;
        loop.Forget(key);
        descriptor.Dispose();
    }
}
