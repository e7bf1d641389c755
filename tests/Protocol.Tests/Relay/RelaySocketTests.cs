using System.Net;
using System.Net.Sockets;
using OpenShell.TestKit;

namespace OpenShell.Protocol.Relay;

internal sealed class RelaySocketTests
{
    // A server without the end-of-stream frame ends the whole call, whatever is on its way to it: nothing failed.
    [Test]
    public async Task RunAsync_PeerEndsTheCallWhileItIsSentTo_GivesAllItSentAndNoError()
    {
        var sent = Bytes.Random(300_000);
        await using var server = await RelayServer.StartAsync(async (context, reader, writer) =>
        {
            await RelayServer.AcceptAsync(context, reader);
            writer.Write(default, new(sent));
            await writer.FlushAsync(context.RequestAborted);
            RelayServer.Trailers(context, "0");
        });
        await using var relay = await Eventually.EndsAsync(server.OpenAsync(peerKnowsEndOfStream: false), "the open");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndpoint);
        using var far = await listener.AcceptSocketAsync();
        using var over = new CancellationTokenSource();
        var pushing = PushAsync();

        var running = RelaySocket.RunAsync(relay, near, CancellationToken.None);
        var received = new byte[sent.Length];
        await using var stream = new NetworkStream(far);
        await Eventually.EndsAsync(stream.ReadExactlyAsync(received).AsTask(), "all bytes");
        await Eventually.EndsAsync(running, "the end of the relay");

        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
        await over.CancelAsync();
        await pushing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        async Task PushAsync()
        {
            while (!over.IsCancellationRequested)
            {
                await far.SendAsync(new byte[10_000], over.Token);
            }
        }
    }
}
