using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;

namespace OpenShell.Supervisor.Helper;

/// <summary>Takes the guest's connections and leads each to the gateway; those beyond the limit are reset at once.</summary>
internal sealed class UplinkListener
{
    /// <summary>
    /// At once, of one machine. A supervisor with the 256 relays that the gateway allows has ten, beside its session and
    /// what it calls once; twice that while it connects anew.
    /// </summary>
    public const int MaxConnections = 64;

    /// <summary>For each direction of a guest's connection in the kernel; it takes as much again for itself.</summary>
    public const int SocketBufferBytes = 256 * 1024;

    private const int AcceptsPerEvent = 16;

    private readonly HelperLoop _loop;
    private readonly HelperSocket _listener;
    private readonly byte[] _gateway;
    private readonly HashSet<UplinkConnection> _connections = [];

    /// <param name="listener">Where the guest's connections arrive.</param>
    /// <param name="gateway">The gateway's address in the kernel's form.</param>
    public UplinkListener(HelperLoop loop, FileDescriptor listener, byte[] gateway)
    {
        _loop = loop;
        _gateway = gateway;
        _listener = loop.Add(listener, OnReady);
        _listener.Watch(read: true, write: false);
    }

    private void OnReady(uint events)
    {
        for (var i = 0; i < AcceptsPerEvent && NativeSocket.TryAccept(_listener.Descriptor, out _) is { } guest; i++)
        {
            var gateway = _connections.Count < MaxConnections ? NativeSocket.BeginConnect(_gateway) : null;
            if (gateway is null)
            {
                // Of the slirp network's own state nothing stays either, which an orderly end would keep for minutes.
                NativeSocket.ResetOnClose(guest);
                guest.Dispose();
                continue;
            }

            _connections.Add(new UplinkConnection(_loop, guest, gateway, closed => _connections.Remove(closed)));
        }
    }
}
