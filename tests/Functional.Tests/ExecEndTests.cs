using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Every way in which a call of the exec methods may end: docs/exec.md.</summary>
public sealed class ExecEndTests : FunctionalTest
{
    private Sandbox _sandbox = null!;

    [SetUp]
    public async Task CreateAsync() => _sandbox = await Gateway.CreateReadyAsync();

    [Test]
    public async Task Exec_Process_IsToldFirst()
    {
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo $$"));
        Assert.That(await call.ResponseStream.MoveNext(default), Is.True);
        var started = call.ResponseStream.Current.Started;
        Assert.That(started, Is.Not.Null);
        Assert.That((await ExecOutcome.FirstOutputAsync(call.ResponseStream)).Trim(), Is.EqualTo($"{started.Pid}"));
    }

    [TestCase("/no/such/directory", "")]
    [TestCase("", "no-such-user")]
    public async Task Exec_SurroundingsMissing_126WithReason(string workdir, string user)
    {
        var request = Request("true");
        request.Workdir = workdir;
        request.User = user;
        var outcome = await Gateway.ExecAsync(request);
        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(126));
        Assert.That(outcome.ErrorText, Does.Contain(workdir + user));
    }

    [Test]
    public async Task Exec_Signal_IsToldBesideItsCode()
    {
        var outcome = await Gateway.ExecAsync(Request("/bin/sh", "-c", "kill -USR1 $$"));
        Assert.That((outcome.Exit!.ExitCode, outcome.Exit.Signal, outcome.Exit.TimedOut), Is.EqualTo((128 + 10, 10, false)));
    }

    [Test]
    public async Task Exec_TimeLimitOfZero_124AtOnceAndOk()
    {
        var request = Request("/bin/sh", "-c", "echo ran");
        request.ExecutionTimeout = new Duration();
        var outcome = await Gateway.ExecAsync(request);
        Assert.That((outcome.Exit!.ExitCode, outcome.Exit.TimedOut, outcome.Text), Is.EqualTo((124, true, "")));
    }

    [Test]
    public async Task Exec_IgnoresTermAtItsTimeLimit_IsKilledAndStill124()
    {
        var request = Request("/bin/sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done");
        request.ExecutionTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1));
        var outcome = await Gateway.ExecAsync(request);
        Assert.That((outcome.Exit!.ExitCode, outcome.Exit.TimedOut), Is.EqualTo((124, true)));
        await Machine.BecomesIdleAsync();
    }

    [Test]
    public Task Exec_UnknownSandbox_NotFound() =>
        AssertEndsAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "none", Command = { "true" } }, StatusCode.NotFound, "sandbox not found");

    [Test]
    public async Task Exec_StoppedSandbox_FailedPrecondition()
    {
        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = _sandbox.Metadata.Name });
        await Gateway.WaitForPhaseAsync(_sandbox.Metadata.Name, SandboxPhase.Stopped);
        await AssertEndsAsync(Request("true"), StatusCode.FailedPrecondition, "sandbox is not ready (phase Stopped)");
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Exec_SandboxGoesWhileItRuns_Unavailable(bool delete)
    {
        using var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; exec sleep 1000"));
        await ExecOutcome.FirstOutputAsync(call.ResponseStream);
        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        if (delete)
        {
            await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = _sandbox.Metadata.Name });
        }
        else
        {
            await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = _sandbox.Metadata.Name });
        }

        var e = await Assert.ThrowsAsync<RpcException>(async () => await Eventually.EndsAsync(reading, "the call ends"));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.Unavailable), e.Status.Detail);
    }

    [Test]
    public async Task ExecInteractive_NoMessage_InvalidArgument()
    {
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.CompleteAsync();
        await AssertEndsAsync(call, StatusCode.InvalidArgument, "empty stream: expected start message");
    }

    [Test]
    public async Task ExecInteractive_InputBeforeStart_InvalidArgument()
    {
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = ByteString.CopyFromUtf8("x") });
        await AssertEndsAsync(call, StatusCode.InvalidArgument, "first message must be a start payload");
    }

    [Test]
    public async Task ExecInteractive_SecondStart_InvalidArgument()
    {
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("cat") });
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("false") });
        await AssertEndsAsync(call, StatusCode.InvalidArgument, "expected stdin or resize after exec start");
    }

    [Test]
    public async Task ExecInteractive_HalfCloseAtOnce_NeverLosesTheExit()
    {
        for (var i = 0; i < 20; i++)
        {
            using var call = Gateway.Client.ExecSandboxInteractive();
            await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("/bin/sh", "-c", "cat; echo out; echo err >&2; exit 9") });
            await call.RequestStream.CompleteAsync();
            var outcome = await Eventually.EndsAsync(ExecOutcome.ReadAsync(call.ResponseStream, default), "the command ends");
            Assert.That((outcome.Text, outcome.ErrorText, outcome.Exit?.ExitCode), Is.EqualTo(("out\n", "err\n", (int?)9)), $"round {i}");
        }
    }

    [Test]
    public async Task ExecInteractive_MessageBeyondTheLimit_EndsTheCallAndTheProcess()
    {
        using var call = Gateway.Client.ExecSandboxInteractive();
        await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("/bin/sh", "-c", "echo started; exec cat >/dev/null") });
        await ExecOutcome.FirstOutputAsync(call.ResponseStream);
        try
        {
            await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = ByteString.CopyFrom(new byte[41 * 1024 * 1024]) });
        }
        catch (RpcException)
        {
            // The answer was quicker than the message.
        }

        await AssertEndsAsync(call, StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.");
        await Machine.BecomesIdleAsync();
    }

    [Test]
    public async Task Exec_LargestCommand_GetsThroughAndLinuxDecides()
    {
        var largest = Request([.. Enumerable.Repeat(new string('x', 32 * 1024), 1024)]);
        largest.Command[0] = "/bin/true";
        var outcome = await Gateway.ExecAsync(largest);
        // 32 MiB: more than any Linux executes, whatever its limits are.
        Assert.That(outcome.Exit!.ExitCode, Is.EqualTo(126), outcome.ErrorText);
        Assert.That(outcome.ErrorText, Does.Contain("openshell:"));
    }

    [Test]
    public async Task Exec_FiveMebibytesOfArguments_Arrive()
    {
        var request = Request(["/bin/sh", "-c", "echo $#; shift 159; echo ${#1}", "sh", .. Enumerable.Repeat(new string('x', 32 * 1024), 160)]);
        var outcome = await Gateway.ExecAsync(request);
        Assert.That((outcome.Text, outcome.ErrorText), Is.EqualTo(("160\n32768\n", "")));
    }

    [Test]
    public async Task Exec_EnvironmentOf256Kibibytes_Arrives()
    {
        var request = Request("/bin/sh", "-c", "echo ${#A0}${#A7}");
        for (var i = 0; i < 8; i++)
        {
            request.Environment[$"A{i}"] = new string('x', 32 * 1024);
        }

        Assert.That((await Gateway.ExecAsync(request)).Text, Is.EqualTo("3276832768\n"));
    }

    [Test]
    public void CreateSandbox_LargeRequest_IsHeldToTheSmallLimit()
    {
        var request = new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Annotations = { ["a"] = new string('x', 5 * 1024 * 1024) } };
        var e = Assert.Throws<RpcException>(() => Gateway.Client.CreateSandbox(request));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted), "only starts of commands may be this large");
    }

    private NamespacedSupervisor Machine => Driver.Service.Machine(_sandbox.Metadata.Id);

    private ExecSandboxRequest Request(params string[] command) => new() { WorkspaceScope = Scope.Default, Sandbox = _sandbox.Metadata.Name, Command = { command } };

    private async Task AssertEndsAsync(ExecSandboxRequest request, StatusCode code, string message)
    {
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.ExecAsync(request));
        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((code, message)));
    }

    private static async Task AssertEndsAsync(AsyncDuplexStreamingCall<ExecSandboxInput, ExecSandboxEvent> call, StatusCode code, string message)
    {
        var reading = ExecOutcome.ReadAsync(call.ResponseStream, default);
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Eventually.EndsAsync(reading, "the call ends"));
        Assert.That((e!.StatusCode, e.Status.Detail), Is.EqualTo((code, message)));
    }
}
