using OpenShell.Linux;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;

namespace OpenShell.Supervisor.Helper;

/// <summary>Where QEMU brings what the guest writes to its console: a socket that QEMU connects to, again after a while if it breaks.</summary>
internal sealed class ConsolePort
{
    private readonly HelperLoop _loop;
    private readonly HelperSocket _listener;
    private readonly ConsoleFile _file;
    private HelperSocket? _qemu;

    public ConsolePort(HelperLoop loop, FileDescriptor listener, ConsoleFile file)
    {
        _loop = loop;
        _file = file;
        _listener = loop.Add(listener, OnConnection);
        _listener.Watch(read: true, write: false);
    }

    /// <summary>Takes what is left of a QEMU that has ended.</summary>
    public void Drain()
    {
        OnConnection(0);
        while (_qemu is not null && TryRead())
        {
        }
    }

    private void OnConnection(uint events)
    {
        if (NativeSocket.TryAccept(_listener.Descriptor, out _) is not { } connection)
        {
            return;
        }

        _qemu?.Dispose();
        _qemu = _loop.Add(connection, _ => TryRead());
        _qemu.Watch(read: true, write: false);
    }

    private bool TryRead()
    {
        var count = DescriptorIo.TryRead(_qemu!.Descriptor, _loop.Buffer);
        if (count > 0)
        {
            _file.Append(_loop.Buffer.AsSpan(0, count));
        }
        else if (count != -Errno.Again)
        {
            _qemu.Dispose();
            _qemu = null;
        }

        return count > 0;
    }
}
