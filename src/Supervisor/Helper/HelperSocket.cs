using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Helper;

/// <summary>A descriptor that a <see cref="HelperLoop"/> watches, and what is done when it is ready.</summary>
internal sealed class HelperSocket(HelperLoop loop, ulong key, FileDescriptor descriptor, Action<uint> onReady) : IDisposable
{
    /// <summary>Readable, ended or broken: a read tells which.</summary>
    public const uint Readable = LibcEpoll.In | LibcEpoll.PeerHangUp | LibcEpoll.HangUp | LibcEpoll.Error;

    /// <summary>Writable or broken.</summary>
    public const uint Writable = LibcEpoll.Out | LibcEpoll.HangUp | LibcEpoll.Error;

    private uint _interest;
    private bool _disposed;

    public ulong Key => key;

    public FileDescriptor Descriptor => descriptor;

    /// <summary>What it is watched for from now on.</summary>
    public void Watch(bool read, bool write)
    {
        var interest = (read ? LibcEpoll.In : 0) | (write ? LibcEpoll.Out : 0);
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
