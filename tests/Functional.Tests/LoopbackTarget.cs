using System.Buffers;
using System.Net;
using System.Net.Sockets;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>A port that the supervisors of the tests can reach.</summary>
internal sealed class LoopbackTarget : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public LoopbackTarget() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Task<Socket> AcceptAsync() => Eventually.EndsAsync(_listener.AcceptSocketAsync(), "the supervisor connects the target");

    /// <summary>Sends back what comes, and the end when it comes.</summary>
    public static async Task EchoAsync(Socket socket)
    {
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer) is var count and > 0)
        {
            for (var sent = 0; sent < count;)
            {
                sent += await socket.SendAsync(buffer.AsMemory(sent, count - sent));
            }
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Everything up to the end.</summary>
    public static async Task<byte[]> ReadAllAsync(Socket socket)
    {
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        var all = new ArrayBufferWriter<byte>();
        var buffer = new byte[64 * 1024];
        while (await socket.ReceiveAsync(buffer, timeout.Token) is var count and > 0)
        {
            all.Write(buffer.AsSpan(0, count));
        }

        return all.WrittenSpan.ToArray();
    }

    /// <summary>Waits until the connection ends, however.</summary>
    public static async Task EndedAsync(Socket socket)
    {
        try
        {
            Assert.That(await ReadAllAsync(socket), Is.Empty);
        }
        catch (SocketException)
        {
            // Reset.
        }
    }

    public void Dispose() => _listener.Dispose();
}
