using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;

namespace OpenShell.Supervisor.Helper;

/// <summary>
/// A socket that drivers connect to and on which nothing is said: the connection ends when this process does, which is
/// how they learn of it, and its peer's process number is ours.
/// </summary>
internal sealed class DriverPort
{
    // One driver, and the next one while the kernel still tells of the end of the last.
    private const int MaxConnections = 4;

    private readonly HelperLoop _loop;
    private readonly HelperSocket _listener;
    private readonly Queue<HelperSocket> _drivers = [];

    public DriverPort(HelperLoop loop, FileDescriptor listener)
    {
        _loop = loop;
        _listener = loop.Add(listener, OnConnection);
        _listener.Watch(read: true, write: false);
    }

    private void OnConnection(uint events)
    {
        if (NativeSocket.TryAccept(_listener.Descriptor, out _) is not { } connection)
        {
            return;
        }

        if (_drivers.Count == MaxConnections)
        {
            _drivers.Dequeue().Dispose();
        }

        HelperSocket? driver = null;
        driver = _loop.Add(connection, _ => driver!.Dispose());
        driver.Watch(read: true, write: false);
        _drivers.Enqueue(driver);
    }
}
