using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>A driver and supervisors on the C core: of what is around the gateway, nothing is ours.</summary>
internal sealed class ForeignDriverTests
{
    private TestDirectory _directory = null!;
    private Process? _driver;

    [SetUp]
    public void MakeDirectory() => _directory = new TestDirectory();

    [TearDown]
    public async Task StopAsync()
    {
        if (_driver is { } driver)
        {
            driver.StandardInput.Close();
            await Eventually.EndsAsync(driver.WaitForExitAsync(), "the driver ends");
            driver.Dispose();
        }

        _directory.Dispose();
    }

    // The driver takes no start tokens: after a restart the sandbox's supervisor comes with the token of its creation.
    [Test]
    public async Task ClientOnGrpcJs_DriverAndSupervisorOnTheCCore_EveryStepIsOk()
    {
        await using var gateway = await StartAsync();

        await ForeignStack.RunClientAsync(gateway, "health", "create", "watch", "forward", "ssh", "restart", "refusals", "delete");
    }

    // Its supervisors have no exec relays, only an SSH server.
    [Test]
    public async Task Commands_SupervisorOnTheCCore_GoOverItsSshServer()
    {
        await using var gateway = await StartAsync();

        await ForeignStack.RunClientAsync(
            gateway,
            loginShell: true,
            ["create", "watch", "exec", "interactive", "terminal", "resize", "signal", "timeout", "cancel", "withoutLoginShell", "delete"]);
    }

    // The C core resets the stream once it has the trailers, and those come when it has been silent.
    [Test]
    public async Task Forward_HalfClosedThroughASupervisorOnTheCCore_LosesNothingAndEndsInOrder()
    {
        await using var gateway = await StartAsync();
        var sandbox = await gateway.CreateReadyAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var echoing = EchoAsync(listener);
        var session = await gateway.Client.CreateSshSessionAsync(
            new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name });
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        var init = new TcpForwardInit
        {
            Workspace = "default",
            Sandbox = sandbox.Metadata.Name,
            Tcp = new TcpRelayTarget { Host = "127.0.0.1", Port = (uint)((IPEndPoint)listener.LocalEndpoint).Port },
            AuthorizationToken = session.Token,
        };
        await using var stream = await Eventually.EndsAsync(
            ForwardClient.OpenAsync(http, gateway.Endpoint, gateway.AdminToken, init, CancellationToken.None), "ForwardTcp answers");
        var sent = RandomNumberGenerator.GetBytes(1_000_000);

        var sending = SendAsync();
        var received = new ArrayBufferWriter<byte>();
        using var timeout = new CancellationTokenSource(Eventually.Timeout);
        while (await stream.ReadAsync(timeout.Token) is { Kind: RelayReadKind.Data } read)
        {
            received.Write(read.Data.ToArray());
            stream.Advance();
        }

        await sending;
        await Eventually.EndsAsync(echoing, "the target sees the end");
        Assert.That(received.WrittenSpan.SequenceEqual(sent), Is.True, $"{received.WrittenCount} bytes came back");

        async Task SendAsync()
        {
            await stream.WriteAsync(new ReadOnlySequence<byte>(sent), flush: true, CancellationToken.None);
            await stream.CompleteWritesAsync(CancellationToken.None);
        }
    }

    [TestCase("old", "the compute driver 'python' 0.0.9 does not say which version of the compute contract it speaks, as those of OpenShell 0.0.x do not")]
    [TestCase("demanding", "('python-driver' 0.1.4) requires 'openshell.python.everything', which openshell-gateway")]
    public async Task Gateway_DriverThatItCannotWorkWith_EndsAndSaysWhatToUpgrade(string kind, string text)
    {
        _driver = await ForeignStack.StartDriverAsync(_directory, kind);

        var run = await ProgramRun.RunAsync(
            "openshell-gateway", "--port", "0", "--state-dir", _directory.File("gateway"), "--compute-driver-socket", _directory.File("driver.sock"));

        Assert.That(run.ExitCode, Is.EqualTo(1), run.Error);
        Assert.That(run.Error, Does.Contain($"openshell-gateway: ").And.Contain(text).And.Contain("upgrade"));
    }

    private async Task<GatewayProcess> StartAsync()
    {
        _driver = await ForeignStack.StartDriverAsync(_directory);
        return await GatewayProcess.StartAsync(_directory, "--compute-driver-socket", _directory.File("driver.sock"), "--log-level", "debug");
    }

    private static async Task EchoAsync(TcpListener listener)
    {
        using var socket = await listener.AcceptSocketAsync();
        await using var stream = new NetworkStream(socket);
        await stream.CopyToAsync(stream);
        socket.Shutdown(SocketShutdown.Send);
    }
}
