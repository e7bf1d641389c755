using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Commands through gateway and supervisor.</summary>
public sealed class ExecTests : FunctionalTest
{
    private string _id = "";
    private string _name = "";

    [SetUp]
    public async Task CreateAsync()
    {
        var metadata = (await Gateway.CreateReadyAsync()).Metadata;
        (_id, _name) = (metadata.Id, metadata.Name);
    }

    [Test]
    public async Task Exec_Echo_OutputThenExitZero()
    {
        var outcome = await Gateway.ExecAsync(Request("echo", "smoke-ok"));
        Assert.That(outcome.Text, Is.EqualTo("smoke-ok\n"));
        Assert.That(outcome.Exit!.ExitCode, Is.Zero);
    }

    [TestCase(0, "exit 0")]
    [TestCase(7, "exit 7")]
    [TestCase(255, "exit 255")]
    [TestCase(143, "kill -TERM $$")]
    [TestCase(137, "kill -KILL $$")]
    public async Task Exec_EveryWayToEnd_HasItsCode(int expected, string script)
    {
        var outcome = await Gateway.ExecAsync(Request("/bin/sh", "-c", script));
        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Exec_UnknownProgram_127WithReason()
    {
        var outcome = await Gateway.ExecAsync(Request("no-such-program"));
        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(127));
        Assert.That(outcome.ErrorText, Does.Contain("no-such-program"));
    }

    [Test]
    public async Task Exec_NotExecutable_126()
    {
        var outcome = await Gateway.ExecAsync(Request("/etc/passwd"));
        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(126));
    }

    [Test]
    public async Task Exec_TimeLimit_124AndProcessGone()
    {
        var request = Request("/bin/sh", "-c", "echo $$; sleep 1000");
        request.ExecutionTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));
        var outcome = await Gateway.ExecAsync(request);
        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(124));
        Assert.That(outcome.Exit.TimedOut, Is.True);
        await AssertGoneAsync(outcome.Text.Trim());
    }

    [Test]
    public async Task Exec_ArgumentsEnvironmentAndWorkdir_ArriveAsTheyAre()
    {
        var request = Request("/bin/sh", "-c", "printf '%s|' \"$@\"; printf '%s|' \"$GREETING\"; pwd", "sh", "a b", "*", "ü\n", "");
        request.Environment["GREETING"] = "it's \"$HOME\"";
        request.Workdir = "/usr";
        var outcome = await Gateway.ExecAsync(request);
        Assert.That(outcome.Text, Is.EqualTo("a b|*|ü\n||it's \"$HOME\"|/usr\n"));
    }

    [TestCase(".", "$HOME")]
    [TestCase("..", "$(dirname \"$HOME\")")]
    public async Task Exec_RelativeWorkdir_IsSeenFromTheLoginDirectory(string workdir, string expected)
    {
        var request = Request("/bin/sh", "-c", $"[ \"$(pwd)\" = \"{expected}\" ] && echo there");
        request.Workdir = workdir;
        Assert.That((await Gateway.ExecAsync(request)).Text, Is.EqualTo("there\n"));
    }

    [Test]
    public async Task Exec_StdoutAndStderr_StayApart()
    {
        var outcome = await Gateway.ExecAsync(Request("/bin/sh", "-c", "echo out; echo err >&2"));
        Assert.That(outcome.Text, Is.EqualTo("out\n"));
        Assert.That(outcome.ErrorText, Is.EqualTo("err\n"));
    }

    [Test]
    public async Task ExecInteractive_SixtyFourMebibytesThroughCat_ComeBackWhole()
    {
        var sent = RandomNumberGenerator.GetBytes(64 * 1024 * 1024);
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("cat") });
        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        const int Chunk = 100_000;
        for (var at = 0; at < sent.Length; at += Chunk)
        {
            var piece = UnsafeByteOperations.UnsafeWrap(sent.AsMemory(at, Math.Min(Chunk, sent.Length - at)));
            await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = piece });
        }

        await call.RequestStream.CompleteAsync();
        var outcome = await Eventually.EndsAsync(reading, "cat ends");
        Assert.That(SHA256.HashData(outcome.Stdout), Is.EqualTo(SHA256.HashData(sent)));
        Assert.That(outcome.Exit!.ExitCode, Is.Zero);
    }

    [Test]
    public async Task ExecInteractive_StdinNeverEnds_ExitIsNotDelayed()
    {
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("/bin/sh", "-c", "exit 3") });
        var outcome = await Eventually.EndsAsync(ExecOutcome.ReadAsync(call.ResponseStream, default), "the call ends by itself");
        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(3));
    }

    [Test]
    public async Task ExecInteractive_Terminal_HasItsSizeBeforeAndAfterAResize()
    {
        var request = Request("/bin/sh", "-c", "stty size; read line; stty size");
        request.Tty = true;
        request.Cols = 100;
        request.Rows = 30;
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = request });
        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Resize = new ExecSandboxWindowResize { Cols = 120, Rows = 40 } });
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = ByteString.CopyFromUtf8("\n") });
        var outcome = await Eventually.EndsAsync(reading, "the shell ends");
        Assert.That(outcome.Text, Does.EndWith("40 120\r\n"));
    }

    [Test]
    public async Task Exec_CallerGoesAway_ProcessGroupIsEnded()
    {
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo $$; sleep 1000 & wait"));
        var pid = (await ExecOutcome.FirstOutputAsync(call.ResponseStream)).Trim();
        call.Dispose();
        await AssertGoneAsync(pid);
    }

    [Test]
    public async Task ExecInteractive_CallerGoesWhileStdinIsFull_ProcessIsEnded()
    {
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("/bin/sh", "-c", "echo $$; exec sleep 1000") });
        var pid = (await ExecOutcome.FirstOutputAsync(call.ResponseStream)).Trim();
        // More than every buffer on the way: nobody reads it.
        var piece = ByteString.CopyFrom(new byte[256 * 1024]);
        using var full = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            while (true)
            {
                await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = piece }, full.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RpcException)
        {
            // Back-pressure has reached us.
        }

        call.Dispose();
        await AssertGoneAsync(pid);
    }

    [Test]
    public async Task Exec_SupervisorKilled_EndsWithUnavailable()
    {
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; sleep 1000"));
        await ExecOutcome.FirstOutputAsync(call.ResponseStream);
        Driver.Service.Machine(_id).Kill();
        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Eventually.EndsAsync(reading, "the call ends"));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.Unavailable));
    }

    [Test]
    public async Task Exec_GatewayKilled_EndsAndSandboxComesBack()
    {
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; sleep 1000"));
        await ExecOutcome.FirstOutputAsync(call.ResponseStream);
        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        var name = (await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes.Single().Metadata.Name;

        await RestartGatewayAsync();

        await Assert.ThrowsAsync<RpcException>(async () => await Eventually.EndsAsync(reading, "the call ends"));
        await Gateway.WaitForPhaseAsync(name, SandboxPhase.Ready);
        Assert.That((await Gateway.ExecAsync(Request("true"))).Exit!.ExitCode, Is.Zero);
    }

    [Test]
    public async Task Exec_ArgumentOf33Kibibytes_InvalidArgumentThatSaysWhich()
    {
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.ExecAsync(Request("echo", new string('x', 33 * 1024))));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(e!.Status.Detail, Does.Contain("command argument 1 exceeds 32768 bytes"));
    }

    [Test]
    public async Task Exec_TwoHundredEchoesAtOnce_NoneIsTruncated()
    {
        // Really at once: more than the relays that may be pending wait for their turn.
        var outcomes = await Eventually.EndsAsync(
            Task.WhenAll(Enumerable.Range(0, 200).Select(async i => (i, await Gateway.ExecAsync(Request("echo", $"line {i}"))))),
            "200 execs");
        Assert.That(outcomes, Has.All.Matches<(int Number, ExecOutcome Outcome)>(o => o.Outcome.Text == $"line {o.Number}\n" && o.Outcome.Exit?.ExitCode == 0));
    }

    private ExecSandboxRequest Request(params string[] command) => new() { WorkspaceScope = Scope.Default, Sandbox = _name, Command = { command } };

    // Processes are looked at from inside the sandbox, where the pids are the ones that they printed.
    private Task AssertGoneAsync(string pid) => Eventually.BecomesTrueAsync(
        async () => (await Gateway.ExecAsync(Request("test", "-d", $"/proc/{pid}"))).Exit!.ExitCode == 1,
        () => $"process {pid} is gone");
}
