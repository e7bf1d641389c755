using System.Diagnostics;
using System.Net.Sockets;
using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

/// <summary>The way over a Unix socket, and that nothing is sent there before it is known who listens.</summary>
[TestFixture]
internal sealed class LocalSocketTests
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private CliHarness _cli = null!;

    // Where a gateway of this user's listens by default.
    private string SocketPath => Path.Combine(_cli.Root, "state", "openshell", "gateway", "run", "gateway.sock");

    [SetUp]
    public void MakeDirectory()
    {
        _cli = new CliHarness();
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!, OwnersOnly);
    }

    [TearDown]
    public void RemoveDirectory() => _cli.Dispose();

    [Test]
    public async Task NothingConfigured_OwnGatewayRuns_IsFound()
    {
        await using var gateway = await FakeGateway.StartAsync(SocketPath);
        gateway.Sandboxes.Add(FakeGateway.NewSandbox("box"));

        var sandboxes = await _cli.RunAsync("sandbox", "list", "--names");
        var status = await _cli.RunAsync("status");
        var list = await _cli.RunAsync("gateway", "list");

        Assert.That(sandboxes, Is.EqualTo(new CliResult(0, "box\n", "")));
        Assert.That(status.Out, Does.Contain($"Gateway: local\n  Server: unix:{SocketPath}\n  Status: Connected"));
        Assert.That(list.Out, Does.Contain("own     *"));
    }

    [Test]
    public async Task Entry_OfASocket_SendsNoToken()
    {
        await using var gateway = await FakeGateway.StartAsync(SocketPath);
        await _cli.RunAsync("gateway", "add", $"unix:{SocketPath}", "--name", "here");

        var result = await _cli.RunAsync("-v", "-g", "here", "--token-file", _cli.WriteFile("token", "secret"), "sandbox", "list");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(gateway.Authorizations, Is.EqualTo(new string?[] { null }));
    }

    [Test]
    public async Task Socket_InADirectoryOfOthers_IsNotUsed()
    {
        await using var gateway = await FakeGateway.StartAsync(SocketPath);
        File.SetUnixFileMode(Path.GetDirectoryName(SocketPath)!, OwnersOnly | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        var list = await _cli.RunAsync("sandbox", "list");
        var status = await _cli.RunAsync("status");

        Assert.That(list.ExitCode, Is.EqualTo(4));
        Assert.That(list.Error, Does.Contain("others can write to the directory").And.Contain("chmod go-w"));
        Assert.That(status.ExitCode, Is.EqualTo(4));
        Assert.That(gateway.Requests, Is.Empty);
    }

    // The kernel says who listens, so it does not matter how the socket came there.
    [Test]
    public async Task Socket_OfAnotherUser_ReadsNothing()
    {
        if (Environment.UserName != "root")
        {
            Assert.Ignore("another user can be had as root only");
        }

        File.SetUnixFileMode(_cli.Root, OwnersOnly | UnixFileMode.OtherExecute);
        var directory = Path.Combine(_cli.Root, "other");
        Directory.CreateDirectory(directory);
        File.SetUnixFileMode(directory, OwnersOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute | UnixFileMode.OtherWrite);
        using var thief = Process.Start(new ProcessStartInfo(
            "setpriv",
            [
                "--reuid=65534", "--regid=65534", "--clear-groups", "perl", "-MIO::Socket::UNIX", "-e",
                "$| = 1; my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die $!; print qq(listening\n); my $c = $s->accept; my $n = sysread($c, my $b, 4096); print qq(read $n\n)",
                Path.Combine(directory, "thief.sock"),
            ])
        { RedirectStandardOutput = true })!;
        Assert.That(await thief.StandardOutput.ReadLineAsync(), Is.EqualTo("listening"));
        File.SetUnixFileMode(directory, OwnersOnly);

        var result = await _cli.RunAsync("--gateway-endpoint", $"unix:{directory}/thief.sock", "sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(4));
        Assert.That(result.Error, Does.Contain("user 65534 listens there").And.Contain("nothing was sent"));
        Assert.That(await thief.StandardOutput.ReadLineAsync(), Is.EqualTo("read 0"));
        await thief.WaitForExitAsync();
    }

    [Test]
    public async Task Socket_NobodyListens_ExitsWithFive()
    {
        var result = await _cli.RunAsync("--gateway-endpoint", $"unix:{SocketPath}", "sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Error, Does.Contain($"unix:{SocketPath}").And.Contain("no such socket").And.Contain("is it running?"));
    }

    // A stopped gateway: the kernel takes connections for it, at a port and at a socket, until its queue is full.
    [TestCase(5, "sandbox", "list")]
    [TestCase(5, "status")]
    [TestCase(0, "sandbox", "list")]
    public async Task Socket_NobodyAccepts_ExitsWithFive(int queue, params string[] command)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen(queue);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await first.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));

        var result = await _cli.RunAsync(command);

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Error + result.Out, Does.Contain($"unix:{SocketPath}").And.Contain("did not answer"));
    }
}
