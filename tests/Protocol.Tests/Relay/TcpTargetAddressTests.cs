using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

public sealed class TcpTargetAddressTests
{
    [TestCase("127.0.0.1", "127.0.0.1:80")]
    [TestCase(" 127.9.8.7 ", "127.9.8.7:80")]
    [TestCase("::1", "[::1]:80")]
    [TestCase("::ffff:127.0.0.1", "127.0.0.1:80")]
    [TestCase("LocalHost", "127.0.0.1:80,[::1]:80")]
    public void Resolve_Loopback_IsTaken(string host, string expected)
    {
        var (endpoints, error) = TcpTargetAddress.Resolve(new TcpRelayTarget { Host = host, Port = 80 });
        Assert.That((string.Join(',', endpoints!), error), Is.EqualTo((expected, (string?)null)));
    }

    [TestCase("10.0.2.100", 80u, "tcp target host must be loopback")]
    [TestCase("0.0.0.0", 80u, "tcp target host must be loopback")]
    [TestCase("::", 80u, "tcp target host must be loopback")]
    [TestCase("example.com", 80u, "tcp target host must be loopback")]
    [TestCase("localhost.example.com", 80u, "tcp target host must be loopback")]
    [TestCase("", 80u, "tcp target host is required")]
    [TestCase("127.0.0.1", 0u, "tcp target port must be between 1 and 65535")]
    [TestCase("127.0.0.1", 65536u, "tcp target port must be between 1 and 65535")]
    public void Resolve_Other_IsRefused(string host, uint port, string expected) =>
        Assert.That(TcpTargetAddress.Resolve(new TcpRelayTarget { Host = host, Port = port }).Error, Is.EqualTo(expected));

    [TestCase("localhost", 0u, "127.0.0.1:0")]
    [TestCase("::1", 80u, "[::1]:80")]
    public void Resolve_ToListenOnLoopback_IsTaken(string host, uint port, string expected) =>
        Assert.That(TcpTargetAddress.Resolve(new TcpListenRelayTarget { Host = host, Port = port }).Endpoint?.ToString(), Is.EqualTo(expected));

    [TestCase("0.0.0.0", 80u, "listen host must be loopback")]
    [TestCase("127.0.0.1", 65536u, "listen port must be at most 65535")]
    public void Resolve_ToListenOnOther_IsRefused(string host, uint port, string expected) =>
        Assert.That(
            TcpTargetAddress.Resolve(new TcpListenRelayTarget { Host = host, Port = port }), Is.EqualTo(((System.Net.IPEndPoint?)null, expected)));
}
