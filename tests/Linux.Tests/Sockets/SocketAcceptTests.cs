using System.Net;
using System.Net.Sockets;
using OpenShell.Linux.Sockets;

namespace OpenShell.Linux.Tests.Sockets;

[TestFixture]
internal sealed class SocketAcceptTests
{
    [Test]
    public async Task NextAsync_FirstCannotBePrepared_IsClosedAndTheSecondReturned()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(2);
        using var first = new TcpClient(AddressFamily.InterNetwork);
        using var second = new TcpClient(AddressFamily.InterNetwork);
        await first.ConnectAsync((IPEndPoint)listener.LocalEndPoint!);
        await second.ConnectAsync((IPEndPoint)listener.LocalEndPoint!);
        var failures = 0;

        using var accepted = await SocketAccept.NextAsync(
            listener,
            socket => failures > 0 ? socket : throw new SocketException((int)SocketError.NotConnected),
            _ => failures++,
            TimeProvider.System,
            CancellationToken.None);

        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(second.Client.LocalEndPoint));
        Assert.That(await first.GetStream().ReadAsync(new byte[1]), Is.Zero);
    }

    [Test]
    public void NextAsync_Cancelled_EndsTheWait()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);

        Assert.That(
            () => SocketAccept.NextAsync(listener, socket => socket, failed: null, TimeProvider.System, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }
}
