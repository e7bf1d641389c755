using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>As many connections through one forward as a browser opens, and one more than the gateway's limit.</summary>
public sealed class ForwardLimitTests : FunctionalTest
{
    private const int Limit = 60;

    protected override string[] GatewayArguments => ["--max-forwards-per-sandbox", "60"];

    [Test]
    public async Task Connections_OneMoreThanTheLimit_IsResetAndSaysWhyWhileTheOthersGoOn()
    {
        var name = (await Gateway.CreateReadyAsync()).Metadata.Name;
        using var target = new LoopbackTarget();
        var serving = ServeAsync(target);
        var started = await RunAsync("forward", "start", "--detach", "-o", "json", name, $"0:{target.Port}");
        Assert.That(started.ExitCode, Is.Zero, started.Error);
        var port = JsonDocument.Parse(started.Out).RootElement[0].GetProperty("port").GetInt32();
        var sockets = new List<Socket>();
        for (var i = 0; i < Limit; i++)
        {
            sockets.Add(await ConnectAsync(port));
        }

        Assert.That(await Task.WhenAll(sockets.Select(EchoAsync)), Is.All.EqualTo("x"));
        using (var beyond = await ConnectAsync(port))
        {
            var e = await Assert.ThrowsAsync<SocketException>(() => Eventually.EndsAsync(EchoAsync(beyond), "the connection is reset"));
            Assert.That(e!.SocketErrorCode, Is.EqualTo(SocketError.ConnectionReset));
        }

        Assert.That(Said(), Does.Contain("a connection was not forwarded: the sandbox has 60 forwarded streams, which is the limit")
            .And.Contain("--max-forwards-per-sandbox"));
        Assert.That(await Task.WhenAll(sockets.Select(EchoAsync)), Is.All.EqualTo("x"), "the others go on");

        sockets.ForEach(s => s.Dispose());
        await Eventually.BecomesTrueAsync(async () => await TryEchoAsync(port), () => "a new connection is forwarded when others have ended");
        await RunAsync("forward", "stop", "--all");
        target.Dispose();
        await serving;
    }

    private static async Task ServeAsync(LoopbackTarget target)
    {
        try
        {
            while (true)
            {
                _ = LoopbackTarget.EchoAsync(await target.AcceptAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task<string> EchoAsync(Socket socket)
    {
        await socket.SendAsync("x"u8.ToArray());
        var answer = new byte[10];
        var count = await Eventually.EndsAsync(socket.ReceiveAsync(answer), "an echo");
        return System.Text.Encoding.ASCII.GetString(answer, 0, count);
    }

    private static async Task<bool> TryEchoAsync(int port)
    {
        using var socket = await ConnectAsync(port);
        try
        {
            return await EchoAsync(socket) == "x";
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string Said() => string.Concat(
        System.IO.Directory.GetFiles(Directory.File("run"), "*.log", SearchOption.AllDirectories).Select(File.ReadAllText));

    private Task<CliOutcome> RunAsync(params string[] arguments) => CliProcess.RunAsync(Gateway, Directory, [], arguments);
}
