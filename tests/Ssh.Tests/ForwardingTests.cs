using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests;

/// <summary>ssh -L, -R and -D. The supervisor shares the test's loopback interface.</summary>
public sealed class ForwardingTests : SandboxTest
{
    [Test]
    public async Task Local_EchoTarget_BytesComeBackAndTheEndWithThem()
    {
        using var target = LoopbackPort.Listen();
        var port = LoopbackPort.FindFree();
        using var client = await StartAsync(port, "-L", $"127.0.0.1:{port}:localhost:{PortOf(target)}");

        var sent = new byte[3_000_000];
        Random.Shared.NextBytes(sent);
        var echo = EchoOnceAsync(target);
        var received = await ExchangeAsync(port, sent);
        await Eventually.EndsAsync(echo, "the target sees the end of the input");

        Assert.That(received, Is.EqualTo(sent));
        client.Kill();
    }

    [Test]
    public async Task Local_NobodyListens_ConnectionEndsAndOthersWork()
    {
        using var target = LoopbackPort.Listen();
        var (dead, port) = (LoopbackPort.FindFree(), LoopbackPort.FindFree());
        using var client = await StartAsync(
            port, "-L", $"127.0.0.1:{dead}:127.0.0.1:{LoopbackPort.FindFree()}", "-L", $"127.0.0.1:{port}:127.0.0.1:{PortOf(target)}");

        var nothing = await ExchangeAsync(dead, []);
        var echo = EchoOnceAsync(target);
        var received = await ExchangeAsync(port, "x"u8.ToArray());
        await Eventually.EndsAsync(echo, "the target sees the end of the input");

        Assert.That((nothing.Length, Encoding.ASCII.GetString(received)), Is.EqualTo((0, "x")));
        client.Kill();
    }

    [Test]
    public async Task Local_HostThatIsNotTheSandbox_IsRefused()
    {
        var port = LoopbackPort.FindFree();
        using var client = await StartAsync(port, "-L", $"127.0.0.1:{port}:192.0.2.1:80");

        Assert.That(await ExchangeAsync(port, []), Is.Empty);
        client.Kill();
    }

    [Test]
    public async Task Dynamic_SocksClient_ReachesTheTarget()
    {
        using var target = LoopbackPort.Listen();
        var port = LoopbackPort.FindFree();
        using var client = await StartAsync(port, "-D", $"127.0.0.1:{port}");
        using var socket = await LoopbackPort.ConnectAsync(port);
        var echo = EchoOnceAsync(target);
        // SOCKS 5 without authentication, connect to 127.0.0.1.
        await socket.SendAsync(new byte[] { 5, 1, 0 });
        await ReadExactlyAsync(socket, 2);
        await socket.SendAsync(new byte[] { 5, 1, 0, 1, 127, 0, 0, 1, (byte)(PortOf(target) >> 8), (byte)PortOf(target) });
        Assert.That((await ReadExactlyAsync(socket, 10))[1], Is.Zero, "the proxy has connected");

        var received = ReadAllAsync(socket);
        await socket.SendAsync("x"u8.ToArray());
        socket.Shutdown(SocketShutdown.Send);
        Assert.That(await Eventually.EndsAsync(received, "the forwarded connection ends"), Is.EqualTo("x"u8.ToArray()));
        await Eventually.EndsAsync(echo, "the target sees the end of the input");
        client.Kill();
    }

    [Test]
    public async Task Remote_AnyPort_IsToldAndLeadsToTheClient()
    {
        using var target = LoopbackPort.Listen();
        using var client = SshClient.Start("ssh", Server.Socket, "-v", "-N", "-R", $"0:127.0.0.1:{PortOf(target)}", SshClient.Host);
        var port = await SshClient.ReadAllocatedPortAsync(client);

        var echo = EchoOnceAsync(target);
        var received = await ExchangeAsync(port, "from inside"u8.ToArray());
        await Eventually.EndsAsync(echo, "the target sees the end of the input");
        Assert.That(Encoding.ASCII.GetString(received), Is.EqualTo("from inside"));

        client.Kill();
        await Eventually.BecomesTrueAsync(() => !LoopbackPort.IsListening(port), "the port is free after the client has gone");
    }

    [Test]
    public async Task Remote_AddressThatIsNotLoopback_IsRefused()
    {
        var outcome = await RunAsync(
            "-o", "ExitOnForwardFailure=yes", "-R", $"192.0.2.1:{LoopbackPort.FindFree()}:127.0.0.1:1", SshClient.Host, "echo not reached");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((255, "")));
    }

    private async Task<Process> StartAsync(int port, params string[] arguments)
    {
        var client = SshClient.Start("ssh", Server.Socket, ["-N", .. arguments, SshClient.Host]);
        await Eventually.BecomesTrueAsync(() => LoopbackPort.IsListening(port), "the client listens");
        return client;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static async Task EchoOnceAsync(Socket listener)
    {
        using var socket = await listener.AcceptAsync();
        await using var stream = new NetworkStream(socket);
        await stream.CopyToAsync(stream);
        socket.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ExchangeAsync(int port, byte[] bytes)
    {
        using var socket = await LoopbackPort.ConnectAsync(port);
        var received = ReadAllAsync(socket);
        await new NetworkStream(socket).WriteAsync(bytes);
        socket.Shutdown(SocketShutdown.Send);
        return await Eventually.EndsAsync(received, "the forwarded connection ends");
    }

    private static async Task<byte[]> ReadAllAsync(Socket socket)
    {
        using var all = new MemoryStream();
        await new NetworkStream(socket).CopyToAsync(all);
        return all.ToArray();
    }

    private static async Task<byte[]> ReadExactlyAsync(Socket socket, int count)
    {
        var bytes = new byte[count];
        await Eventually.EndsAsync(new NetworkStream(socket).ReadExactlyAsync(bytes).AsTask(), $"{count} bytes come");
        return bytes;
    }
}
