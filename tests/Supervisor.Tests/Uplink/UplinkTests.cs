using System.Net;
using System.Net.Sockets;
using OpenShell.Supervisor.Processes;
using OpenShell.Supervisor.Uplink;

namespace OpenShell.Supervisor.Tests.Uplink;

public sealed class UplinkTests
{
    [TestCase("unix:/run/x")]
    [TestCase("tcp:127.0.0.1:80")]
    [TestCase("tcp:::1:80")]
    [TestCase("tcp:[::1]:80")]
    [TestCase("tcp:localhost:80")]
    public void TryParse_Endpoint_IsOne(string endpoint) => Assert.That(UplinkAddress.TryParse(endpoint), Is.Not.Null);

    [TestCase("")]
    [TestCase("unix:")]
    [TestCase("tcp:127.0.0.1")]
    [TestCase("tcp:127.0.0.1:0")]
    [TestCase("tcp:127.0.0.1:65536")]
    [TestCase("tcp:example.com:80")]
    [TestCase("http://x")]
    public void TryParse_Other_IsNone(string endpoint) => Assert.That(UplinkAddress.TryParse(endpoint), Is.Null);

    [Test]
    public async Task Uplink_InputEnds_GatewaySeesTheEndAndCanStillAnswer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var uplink = Start(((IPEndPoint)listener.LocalEndpoint).ToString());
        using var gateway = await listener.AcceptSocketAsync();
        await uplink.Input.TryWriteAllAsync("question"u8.ToArray(), CancellationToken.None);
        await uplink.EndInputAsync(CancellationToken.None);
        using var reader = new StreamReader(new NetworkStream(gateway));
        var question = await reader.ReadToEndAsync();
        await gateway.SendAsync("answer"u8.ToArray());
        gateway.Shutdown(SocketShutdown.Send);
        var answer = await TestEngine.ReadAllAsync(uplink.Output);
        Assert.That((question, answer, (await TestEngine.ExitOfAsync(uplink)).Code), Is.EqualTo(("question", "answer", 0)));
    }

    [Test]
    public async Task Uplink_LargeTransferBothWays_IsComplete()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var uplink = Start(((IPEndPoint)listener.LocalEndpoint).ToString());
        using var gateway = await listener.AcceptSocketAsync();
        var bytes = new byte[4 * 1024 * 1024];
        new Random(1).NextBytes(bytes);
        var writing = WriteAsync(uplink, bytes);
        var echoing = EchoAsync(gateway);
        var back = new MemoryStream();
        var buffer = new byte[65536];
        int count;
        while ((count = await uplink.Output.ReadAsync(buffer, CancellationToken.None)) > 0)
        {
            back.Write(buffer.AsSpan(0, count));
        }

        await writing;
        await echoing;
        Assert.That(back.ToArray(), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Uplink_NobodyListens_FailsAsUnavailable()
    {
        using var uplink = TestEngine.Start([.. SupervisorProcess.Program, "uplink", "unix:/no/such/socket"]);
        var error = await TestEngine.ReadAllAsync(uplink.Error!);
        Assert.That(((await TestEngine.ExitOfAsync(uplink)).Code, error.Contains("/no/such/socket", StringComparison.Ordinal)), Is.EqualTo((5, true)));
    }

    private static RunningProcess Start(string address) => TestEngine.Start([.. SupervisorProcess.Program, "uplink", $"tcp:{address}"]);

    private static async Task WriteAsync(RunningProcess uplink, byte[] bytes)
    {
        await uplink.Input.TryWriteAllAsync(bytes, CancellationToken.None);
        await uplink.EndInputAsync(CancellationToken.None);
    }

    private static async Task EchoAsync(Socket socket)
    {
        using var stream = new NetworkStream(socket);
        await stream.CopyToAsync(stream);
        socket.Shutdown(SocketShutdown.Send);
    }
}
