using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using OpenShell.Protocol.Outcomes;
using OpenShell.Ssh.Client;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests.Client;

/// <summary>Commands over an SSH server that is not ours: asyncssh, which runs them with bash.</summary>
internal sealed class SshCommandTests
{
    private const string Python = "/usr/bin/python3";

    private Process _server = null!;
    private int _port;

    [OneTimeSetUp]
    public async Task StartServerAsync() => (_server, _port) = await StartAsync();

    [OneTimeTearDown]
    public Task StopServerAsync() => StopAsync(_server);

    [Test]
    public async Task Command_InputOutputAndErrors_ArriveWholeAndItsExitCode()
    {
        var bytes = RandomNumberGenerator.GetBytes(5_000_000);
        await using var run = await Run.StartAsync(_port, "cat; echo over >&2; exit 7");

        foreach (var piece in bytes.Chunk(60_000))
        {
            await run.Command.WriteAsync(piece, CancellationToken.None);
        }

        run.Command.EndInput();
        var exit = await run.ExitAsync();

        Assert.That(exit, Is.EqualTo(new SshExit(7, 0)));
        Assert.That(run.Output.ToArray().AsSpan().SequenceEqual(bytes), Is.True, $"{run.Output.Length} bytes came back");
        Assert.That(run.ErrorText, Is.EqualTo("over\n"));
    }

    [Test]
    public async Task Command_EndsBySignal_SignalIsTold()
    {
        await using var run = await Run.StartAsync(_port, "kill -TERM $$");

        Assert.That(await run.ExitAsync(), Is.EqualTo(new SshExit(0, 15)));
    }

    [Test]
    public async Task Command_TakesNoInput_InputIsDropped()
    {
        await using var run = await Run.StartAsync(_port, "exec 0<&-; echo done");

        for (var i = 0; i < 100 && !run.Command.Exited.IsCompleted; i++)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await Task.WhenAny(run.Command.WriteAsync(new byte[60_000], limit.Token).AsTask(), run.Command.Exited);
        }

        Assert.That(await run.ExitAsync(), Is.EqualTo(new SshExit(0, 0)));
        Assert.That(run.OutputText, Is.EqualTo("done\n"));
    }

    [Test]
    public async Task Command_OnATerminal_HasItsSizeAndLearnsOfAnother()
    {
        await using var run = await Run.StartAsync(
            _port, "stty size; trap 'stty size; exit 3' WINCH; echo ready; while :; do read -t 1 line; done", new SshTerminal("xterm", 100, 30));
        await Eventually.BecomesTrueAsync(() => run.OutputText.Contains("ready", StringComparison.Ordinal), "the command is ready");

        run.Command.Resize(120, 40);

        Assert.That(await run.ExitAsync(), Is.EqualTo(new SshExit(3, 0)));
        Assert.That(run.OutputText, Does.StartWith("30 100").And.Contain("40 120"));
    }

    [Test]
    public async Task AfterTheExitStatus_SomethingElseHoldsTheOutput_WaitsForAShortTimeOnly()
    {
        await using var run = await Run.StartAsync(_port, "sleep 60 & echo said; exit 4");

        Assert.That(await run.ExitAsync(), Is.EqualTo(new SshExit(4, 0)));
        Assert.That(run.OutputText, Is.EqualTo("said\n"));
    }

    [Test]
    public async Task Command_Stopped_ItsChannelIsClosed()
    {
        using var directory = new TestDirectory();
        var file = directory.File("pid");
        await using var run = await Run.StartAsync(_port, $"echo $$ > {file}.new; mv {file}.new {file}; sleep 1000");
        await Eventually.BecomesTrueAsync(() => File.Exists(file), "the command runs");

        run.Command.Stop();

        Assert.That(await run.ExitAsync(), Is.Null);
        var process = $"/proc/{(await File.ReadAllTextAsync(file)).Trim()}";
        await Eventually.BecomesTrueAsync(() => !Directory.Exists(process), "the server ends the command");
    }

    [Test]
    public async Task Command_ServerTakesNobody_IsToldSo()
    {
        var (server, port) = await StartAsync("refusing");

        await using var run = new Run(port, "true", null);

        var failure = await Eventually.EndsAsync(run.Command.Started, "the start fails");
        Assert.That(failure?.Kind, Is.EqualTo(FailureKind.PermissionDenied));
        Assert.That(failure!.Message, Does.StartWith("ssh authentication rejected by sandbox: "));
        await StopAsync(server);
    }

    [Test]
    public async Task Command_ServerIsNone_IsToldSo()
    {
        await using var run = new Run(null, "true", null);

        run.Command.Cut();

        var failure = await Eventually.EndsAsync(run.Command.Started, "the start fails");
        Assert.That(failure?.Kind, Is.EqualTo(FailureKind.Internal));
        Assert.That(failure!.Message, Does.StartWith("failed to establish ssh transport: "));
        Assert.That(await run.ExitAsync(), Is.Null);
    }

    [Test]
    public async Task Start_Stopped_EndsAtOnce()
    {
        await using var run = new Run(null, "true", null);

        run.Command.Stop();

        Assert.That(await Eventually.EndsAsync(run.Command.Started, "the start ends", TimeSpan.FromSeconds(8)), Is.Not.Null);
    }

    private static async Task<(Process Server, int Port)> StartAsync(params string[] arguments)
    {
        var script = Path.Combine(TestPaths.Root, "tests", "Foreign", "python", "ssh_server.py");
        var server = Process.Start(new ProcessStartInfo(Python, ["-W", "ignore", script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // Nothing is left in the repository.
            Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
        })!;
        var line = await Eventually.EndsAsync(server.StandardOutput.ReadLineAsync(), "the server serves");
        return (server, int.Parse(line!, null));
    }

    private static async Task StopAsync(Process server)
    {
        server.StandardInput.Close();
        await Eventually.EndsAsync(server.WaitForExitAsync(), "the server ends");
        server.Dispose();
    }

    private sealed class Run : ISshCommandOutput, IAsyncDisposable
    {
        private readonly ConcurrentQueue<(bool IsError, byte[] Data)> _output = new();
        private readonly Socket? _socket;
        private readonly Task _joined;

        public Run(int? port, string command, SshTerminal? terminal)
        {
            Command = SshCommand.Start(new SshCommandRequest("sandbox", command, terminal), this);
            if (port is { } server)
            {
                _socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                _socket.Connect(IPAddress.Loopback, server);
            }

            _joined = _socket is null
                ? Task.CompletedTask
                : Task.WhenAll(CopyAsync(_socket, Command.Transport), CopyAsync(Command.Transport, _socket));
        }

        public SshCommand Command { get; }

        public byte[] Output => Joined(isError: false);

        public string OutputText => Encoding.UTF8.GetString(Output);

        public string ErrorText => Encoding.UTF8.GetString(Joined(isError: true));

        public static async Task<Run> StartAsync(int port, string command, SshTerminal? terminal = null)
        {
            var run = new Run(port, command, terminal);
            Assert.That(await Eventually.EndsAsync(run.Command.Started, "the command starts"), Is.Null);
            return run;
        }

        public Task<SshExit?> ExitAsync() => Eventually.EndsAsync(Command.Exited, "the command ends");

        public void Write(bool isError, byte[] data) => _output.Enqueue((isError, data));

        public async ValueTask DisposeAsync()
        {
            Command.Stop();
            await ExitAsync();
            await Eventually.EndsAsync(_joined, "both directions end");
            Command.Dispose();
            _socket?.Dispose();
        }

        private byte[] Joined(bool isError) => [.. _output.Where(piece => piece.IsError == isError).SelectMany(piece => piece.Data)];

        private static async Task CopyAsync(Socket from, Socket to)
        {
            try
            {
                await using var source = new NetworkStream(from, ownsSocket: false);
                await using var target = new NetworkStream(to, ownsSocket: false);
                await source.CopyToAsync(target);
                to.Shutdown(SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // The other end has gone first.
            }
        }
    }
}
