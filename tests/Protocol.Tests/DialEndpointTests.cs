using System.Net;
using System.Net.Sockets;
using OpenShell.TestKit;

namespace OpenShell.Protocol;

public class DialEndpointTests
{
    [TestCase("tcp:127.0.0.1:17670", "127.0.0.1:17670")]
    [TestCase("tcp:0.0.0.0:1", "0.0.0.0:1")]
    [TestCase("tcp:[::1]:65535", "[::1]:65535")]
    [TestCase("tcp:[fe80::1]:80", "[fe80::1]:80")]
    public void TryParse_TcpEndpoint_IsItsAddress(string text, string expected)
    {
        Assert.That(DialEndpoint.TryParse(text, out var endpoint, out var error), Is.True, error);
        Assert.That(endpoint!.EndPoint, Is.EqualTo(IPEndPoint.Parse(expected)));
        Assert.That(endpoint.ToString(), Is.EqualTo(text));
    }

    [TestCase("unix:/run/gateway.sock", "/run/gateway.sock")]
    [TestCase("unix:relative.sock", "relative.sock")]
    [TestCase("unix:/with:colon", "/with:colon")]
    public void TryParse_UnixEndpoint_IsItsPath(string text, string expected)
    {
        Assert.That(DialEndpoint.TryParse(text, out var endpoint, out var error), Is.True, error);
        Assert.That(endpoint!.EndPoint, Is.InstanceOf<UnixDomainSocketEndPoint>());
        Assert.That(endpoint.EndPoint.ToString(), Is.EqualTo(expected));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("/run/gateway.sock")]
    [TestCase("127.0.0.1:80")]
    [TestCase("TCP:127.0.0.1:80")]
    [TestCase("tcp:")]
    [TestCase("tcp::80")]
    [TestCase("tcp:127.0.0.1")]
    [TestCase("tcp:127.0.0.1:")]
    [TestCase("tcp:127.0.0.1:0")]
    [TestCase("tcp:127.0.0.1:65536")]
    [TestCase("tcp:127.0.0.1:-1")]
    [TestCase("tcp:127.0.0.1:+80")]
    [TestCase("tcp:127.0.0.1: 80")]
    [TestCase("tcp:127.0.0.1:99999999999")]
    [TestCase("tcp:localhost:80")]
    [TestCase("tcp:::1:80")]
    [TestCase("tcp:[::1]:80:90")]
    [TestCase("tcp:[127.0.0.1]:80")]
    [TestCase("http://127.0.0.1:80")]
    public void TryParse_SomethingElse_SaysWhatIsExpected(string? text)
    {
        Assert.That(DialEndpoint.TryParse(text, out var endpoint, out var error), Is.False);
        Assert.That(endpoint, Is.Null);
        Assert.That(error, Is.EqualTo($"'{text}' is no endpoint: expected unix:PATH or tcp:ADDRESS:PORT"));
    }

    [TestCase(0)]
    [TestCase(108)]
    [TestCase(4000)]
    public void TryParse_UnixPathOfImpossibleLength_SaysTheLimit(int length)
    {
        Assert.That(DialEndpoint.TryParse("unix:" + new string('p', length), out _, out var error), Is.False);
        Assert.That(error, Does.EndWith("is no endpoint: a socket path has 1 to 107 bytes"));
    }

    [Test]
    public void TryParse_LongestUnixPath_Parses() =>
        Assert.That(DialEndpoint.TryParse("unix:" + new string('p', 107), out _, out _), Is.True);

    [Test]
    public async Task ConnectAsync_UnixListener_Connects()
    {
        using var directory = new TestDirectory();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(directory.File("s")));
        listener.Listen();
        Assert.That(DialEndpoint.TryParse("unix:" + directory.File("s"), out var endpoint, out _), Is.True);

        using var socket = await endpoint!.ConnectAsync(CancellationToken.None);

        Assert.That(socket.Connected, Is.True);
    }

    [Test]
    public async Task ConnectAsync_TcpListener_ConnectsWithoutDelay()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Assert.That(DialEndpoint.TryParse($"tcp:{listener.LocalEndpoint}", out var endpoint, out _), Is.True);

        using var socket = await endpoint!.ConnectAsync(CancellationToken.None);

        Assert.That((socket.Connected, socket.NoDelay), Is.EqualTo((true, true)));
    }

    [Test]
    public async Task ConnectAsync_NobodyListens_Throws()
    {
        using var directory = new TestDirectory();
        Assert.That(DialEndpoint.TryParse("unix:" + directory.File("s"), out var endpoint, out _), Is.True);

        await Assert.ThrowsAsync<SocketException>(() => endpoint!.ConnectAsync(CancellationToken.None));
    }
}
