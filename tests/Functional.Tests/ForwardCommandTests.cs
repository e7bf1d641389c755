using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>forward start, list and stop: the real command line in the background, and real connections through it.</summary>
public sealed class ForwardCommandTests : FunctionalTest
{
    private readonly List<Task> _echoes = [];
    private Task<Socket>? _accepting;
    private string _name = "";

    [SetUp]
    public async Task CreateAsync()
    {
        _accepting = null;
        _name = (await Gateway.CreateReadyAsync()).Metadata.Name;
    }

    [TearDown]
    public async Task StopForwardsAsync() => await RunAsync("forward", "stop", "--all");

    [Test]
    public async Task Start_TwoPorts_BytesAndEndsGoThrough()
    {
        using var target = new LoopbackTarget();
        var ports = await StartAsync($"0:{target.Port}", $"0:127.0.0.1:{target.Port}");
        Assert.That(ports, Has.Length.EqualTo(2));

        foreach (var port in ports)
        {
            await AssertEchoesAsync(target, port);
        }
    }

    [Test]
    public async Task ListAndStop_TellWhatRuns()
    {
        using var target = new LoopbackTarget();
        var port = (await StartAsync($"0:{target.Port}"))[0];
        var listed = JsonDocument.Parse((await RunAsync("forward", "list", "-o", "json")).Out).RootElement;
        Assert.That(listed.GetArrayLength(), Is.EqualTo(1));
        Assert.That(listed[0].GetProperty("port").GetInt32(), Is.EqualTo(port));

        var stopped = await RunAsync("forward", "stop", $"{port}");
        Assert.That(stopped.ExitCode, Is.Zero, stopped.Error);
        Assert.That((await RunAsync("forward", "list", "-o", "json")).Text.Trim(), Is.EqualTo("[]"));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(IPAddress.Loopback, port));
        Assert.That((await RunAsync("forward", "stop", $"{port}")).ExitCode, Is.EqualTo(3));
    }

    [Test]
    public async Task SupervisorRestarts_NewConnectionsWorkAgain()
    {
        using var target = new LoopbackTarget();
        var port = (await StartAsync($"0:{target.Port}"))[0];
        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = _name });
        await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = _name });
        await Gateway.WaitForPhaseAsync(_name, SandboxPhase.Ready);

        await AssertEchoesAsync(target, port);
    }

    [Test]
    public async Task SandboxDeleted_ForwardEnds()
    {
        using var target = new LoopbackTarget();
        await StartAsync($"0:{target.Port}");

        await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = _name });

        await Eventually.BecomesTrueAsync(
            async () => (await RunAsync("forward", "list", "-o", "json")).Text.Trim() == "[]", () => "the forward of a deleted sandbox ends");
    }

    [Test]
    public async Task Start_NothingListensThere_IsReadyAndSaysSo()
    {
        int unused;
        using (var target = new LoopbackTarget())
        {
            unused = target.Port;
        }

        var outcome = await RunAsync("forward", "start", "--detach", _name, $"0:{unused}");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(outcome.Error, Does.Contain("Nothing listens"));
    }

    [Test]
    public async Task Start_PortTaken_FailsAndSaysWhich()
    {
        using var target = new LoopbackTarget();

        var outcome = await RunAsync("forward", "start", "--detach", _name, $"{target.Port}");

        Assert.That(outcome.ExitCode, Is.EqualTo(1));
        Assert.That(outcome.Error, Does.Contain($"cannot listen on 127.0.0.1:{target.Port}"));
    }

    private async Task<int[]> StartAsync(params string[] specs)
    {
        var started = await RunAsync(["forward", "start", "--detach", "-o", "json", _name, .. specs]);
        Assert.That(started.ExitCode, Is.Zero, started.Error);
        return [.. JsonDocument.Parse(started.Out).RootElement.EnumerateArray().Select(forward => forward.GetProperty("port").GetInt32())];
    }

    private async Task AssertEchoesAsync(LoopbackTarget target, int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await Eventually.EndsAsync(socket.ConnectAsync(IPAddress.Loopback, port), "the forward takes the connection");
        await socket.SendAsync("hello"u8.ToArray());
        socket.Shutdown(SocketShutdown.Send);

        // Probes of the forward come first; they end without a byte.
        var answer = LoopbackTarget.ReadAllAsync(socket);
        while (!answer.IsCompleted)
        {
            // The one that is left over is for the next connection.
            _accepting ??= target.AcceptAsync();
            if (await Task.WhenAny(answer, _accepting) == _accepting)
            {
                _echoes.Add(LoopbackTarget.EchoAsync(await _accepting));
                _accepting = null;
            }
        }

        Assert.That(await answer, Is.EqualTo("hello"u8.ToArray()));
    }

    private Task<CliOutcome> RunAsync(params string[] arguments) => CliProcess.RunAsync(Gateway, Directory, [], arguments);
}
