using System.Diagnostics;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Functional;

/// <summary>The gateway's socket for its own user's programs: who comes in, and what may stand in its place.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LocalSocketTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TestDirectory _directory = new();

    private string SocketPath => _directory.File("gateway/run/gateway.sock");

    public void Dispose() => _directory.Dispose();

    [Test]
    public async Task OwnUser_NeedsNoToken_AndIsNoSandbox()
    {
        await using var gateway = await StartAsync();
        using var channel = Channel(SocketPath);
        var client = new Api.OpenShellClient(channel);

        var user = await client.GetCurrentUserAsync(new GetCurrentUserRequest());
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await client.RefreshSandboxTokenAsync(new RefreshSandboxTokenRequest()));

        Assert.That(user.IdentityProvider, Is.EqualTo("unix-peer"));
        Assert.That(user.Subject, Is.EqualTo($"uid:{UnixPeer.CurrentUser}"));
        Assert.That(refused!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        Assert.That(File.GetUnixFileMode(SocketPath), Is.EqualTo(OwnerOnly));
    }

    // The permissions are made wrong on purpose: the kernel's word about the peer has to be enough.
    [Test]
    public async Task OtherUser_IsRefused()
    {
        AssumeRoot();
        var open = _directory.File("open");
        Directory.CreateDirectory(open);
        var socket = Path.Combine(open, "gateway.sock");
        await using var gateway = await StartAsync("--local-socket", socket);
        foreach (var path in new[] { socket, open, _directory.Path })
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_111_111);
        }

        using var other = Process.Start(new ProcessStartInfo(
            "setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", "perl", "-MIO::Socket::UNIX", "-e",
                "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die $!; my $n = sysread($s, my $b, 1); print defined $n ? qq(read $n) : qq(reset)",
                socket,
            ])
        { RedirectStandardOutput = true })!;
        var answer = await other.StandardOutput.ReadToEndAsync();

        Assert.That(answer, Is.AnyOf("read 0", "reset"));
        await Eventually.BecomesTrueAsync(
            () => gateway.Log.Contains("A process of user 65534 was refused at the local socket", StringComparison.Ordinal), "the refusal is logged");
    }

    [Test]
    public async Task LeftSocket_IsReplaced_AndSecondGatewayIsRefused()
    {
        await using (var killed = await StartAsync())
        {
            await killed.KillAsync();
        }

        Assert.That(File.Exists(SocketPath), Is.True);
        await using var gateway = await StartAsync();
        using var channel = Channel(SocketPath);
        await new Api.OpenShellClient(channel).GetCurrentUserAsync(new GetCurrentUserRequest());

        var second = await RunAsync("--state-dir", _directory.File("second"), "--local-socket", SocketPath);

        Assert.That(second.ExitCode, Is.EqualTo(1));
        Assert.That(second.Error, Does.Contain($"another gateway is using the local socket {SocketPath}"));
        await new Api.OpenShellClient(channel).GetCurrentUserAsync(new GetCurrentUserRequest());
    }

    [TestCase("file", "is no socket")]
    [TestCase("directory", "is no socket")]
    [TestCase("link", "is no socket")]
    [TestCase("writable", "others can write to the directory")]
    [TestCase("missing", "does not exist")]
    public async Task WrongPlace_IsRefusedAndLeftAlone(string what, string reason)
    {
        var place = _directory.File("place");
        var socket = Path.Combine(place, "gateway.sock");
        if (what != "missing")
        {
            Directory.CreateDirectory(place, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        switch (what)
        {
            case "file":
                await File.WriteAllTextAsync(socket, "mine");
                break;
            case "directory":
                Directory.CreateDirectory(socket);
                break;
            case "link":
                File.CreateSymbolicLink(socket, "/nowhere");
                break;
            case "writable":
                File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);
                break;
        }

        var outcome = await RunAsync("--state-dir", _directory.File("gateway"), "--local-socket", socket);

        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain(reason).And.Contain("--local-socket"));
        Assert.That(what != "file" || await File.ReadAllTextAsync(socket) == "mine");
    }

    // Sandbox tokens go to that socket.
    [Test]
    public async Task SupervisorListener_InADirectoryOfOthers_IsRefused()
    {
        var place = _directory.File("place");
        Directory.CreateDirectory(place);
        File.SetUnixFileMode(place, (UnixFileMode)0b111_111_111);

        var outcome = await RunAsync("--state-dir", _directory.File("gateway"), "--supervisor-listen", $"unix:{place}/supervisor.sock");

        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain("--supervisor-listen cannot be").And.Contain($"others can write to the directory {place}"));
    }

    // With the gateway down another user's program can take the port, and at the socket's path nobody can.
    [Test]
    public async Task PortTakenByAnother_CommandLine_TellsItNothing()
    {
        await using (var gateway = await StartAsync())
        {
            await gateway.StopAsync();
        }

        using var thief = new TcpListener(System.Net.IPAddress.Loopback, 0);
        thief.Start();
        var token = (await File.ReadAllTextAsync(_directory.File("gateway/admin.token"))).Trim();
        var stolen = ReadAllAsync(thief);
        // The state directory of the command line is the one in which this gateway's lies.
        Directory.CreateDirectory(_directory.File("state/openshell"));
        Directory.CreateSymbolicLink(_directory.File("state/openshell/gateway"), _directory.File("gateway"));

        using var cli = Process.Start(new ProcessStartInfo(
            TestPaths.Program("openshell"), ["--gateway-endpoint", $"http://{thief.LocalEndpoint}", "sandbox", "list"])
        {
            Environment =
            {
                ["XDG_STATE_HOME"] = _directory.File("state"),
                ["XDG_CONFIG_HOME"] = _directory.File("config"),
                ["HOME"] = _directory.Path,
            },
        })!;
        var read = await Eventually.EndsAsync(stolen, "the command line connects and goes");
        await Eventually.EndsAsync(cli.WaitForExitAsync(), "the command line ends");

        Assert.That(read, Does.StartWith("PRI * HTTP/2.0").And.Not.Contain(token).And.Not.Contain("Bearer"));
        Assert.That(cli.ExitCode, Is.EqualTo(5));
    }

    private static void AssumeRoot()
    {
        if (UnixPeer.CurrentUser != 0)
        {
            Assert.Ignore("another user can be had as root only");
        }
    }

    private Task<GatewayProcess> StartAsync(params string[] arguments) =>
        GatewayProcess.StartAsync(_directory, ["--compute-driver-socket", _directory.File("no-driver.sock"), .. arguments]);

    private static GrpcChannel Channel(string path) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) => new NetworkStream(await UnixDial.ConnectAsync(path, cancellationToken), ownsSocket: true),
        },
        DisposeHttpClient = true,
    });

    private async Task<(int ExitCode, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(
            TestPaths.Program("openshell-gateway"),
            ["--port", "0", "--compute-driver-socket", _directory.File("no-driver.sock"), .. arguments])
        { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        await Eventually.EndsAsync(process.WaitForExitAsync(), "the gateway ends");
        return (process.ExitCode, await error);
    }

    // Everything that the first connection says, after an answer that lets HTTP/2 go on.
    private static async Task<string> ReadAllAsync(TcpListener listener)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        await stream.WriteAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 });
        var text = new System.Text.StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("ListSandboxes", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is var count and > 0)
        {
            text.Append(System.Text.Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
