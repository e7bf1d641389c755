using System.Net.Sockets;

namespace OpenShell.TestKit;

/// <summary>Stands between supervisors and a gateway on Unix sockets, and breaks what goes through it on demand.</summary>
public sealed class CuttableLink : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private readonly string _target;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Task _accepting;

    /// <summary>Listens.</summary>
    /// <param name="path">Where supervisors connect.</param>
    /// <param name="target">The gateway's socket.</param>
    public CuttableLink(string path, string target)
    {
        _target = target;
        _listener.Bind(new UnixDomainSocketEndPoint(path));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Breaks every connection, in the middle of whatever it carries. New ones are let through.</summary>
    /// <returns>How many there were.</returns>
    public int CutAll()
    {
        lock (_gate)
        {
            var count = _open.Count / 2;
            _open.ForEach(socket => socket.Dispose());
            _open.Clear();
            return count;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        CutAll();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        List<Task> links = [];
        try
        {
            while (true)
            {
                links.Add(LinkAsync(await _listener.AcceptAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(links);
        }
    }

    private async Task LinkAsync(Socket near)
    {
        var far = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        lock (_gate)
        {
            _open.AddRange([near, far]);
        }

        try
        {
            await far.ConnectAsync(new UnixDomainSocketEndPoint(_target));
            await Task.WhenAny(CopyAsync(near, far), CopyAsync(far, near));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The gateway is not there, or the link was cut before it was made.
        }

        lock (_gate)
        {
            _open.Remove(near);
            _open.Remove(far);
        }

        near.Dispose();
        far.Dispose();
    }

    private static async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                for (var sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut, or one of the two has gone.
        }
    }
}
