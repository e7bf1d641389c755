using System.Net;
using System.Net.Sockets;

namespace OpenShell.Load;

/// <summary>
/// What relays and tunnels lead to: an echo, a sink that counts, a source that never ends. Each connection has a thread
/// and blocking calls, so that the target costs as little as a target can.
/// </summary>
internal sealed class LoopbackTargets : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    private readonly List<TcpListener> _listeners = [];
    private long _sunk;

    public LoopbackTargets()
    {
        EchoPort = Serve(Echo);
        SinkPort = Serve(Sink);
        SourcePort = Serve(Source);
    }

    public int EchoPort { get; }

    public int SinkPort { get; }

    public int SourcePort { get; }

    /// <summary>Bytes that all sinks have taken.</summary>
    public long Sunk => Volatile.Read(ref _sunk);

    public void Dispose() => _listeners.ForEach(l => l.Dispose());

    private int Serve(Action<Socket> serve)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _listeners.Add(listener);
        StartThread(() =>
        {
            while (true)
            {
                var socket = listener.AcceptSocket();
                socket.NoDelay = true;
                StartThread(() =>
                {
                    using (socket)
                    {
                        serve(socket);
                    }
                });
            }
        });
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void StartThread(Action run) => new Thread(() =>
    {
        try
        {
            run();
        }
        catch (SocketException)
        {
            // The peer, or the run, is over.
        }
    })
    { IsBackground = true }.Start();

    private static void Echo(Socket socket)
    {
        var buffer = new byte[BufferBytes];
        while (socket.Receive(buffer) is var count and > 0)
        {
            socket.Send(buffer, 0, count, SocketFlags.None);
        }
    }

    private void Sink(Socket socket)
    {
        var buffer = new byte[BufferBytes];
        while (socket.Receive(buffer) is var count and > 0)
        {
            Interlocked.Add(ref _sunk, count);
        }
    }

    private static void Source(Socket socket)
    {
        var buffer = new byte[BufferBytes];
        while (true)
        {
            socket.Send(buffer);
        }
    }
}
