using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Fakes;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>What callers of exec may rely on, rule by rule.</summary>
internal sealed class ExecRuleTests : ExecApiTest
{
    [Test]
    public async Task Checks_EverythingWrong_IsToldInOrder()
    {
        await Gateway.AddSandboxAsync();
        var request = new ExecSandboxRequest { Environment = { ["1"] = "" }, Workdir = new string('x', 4097) };
        await AssertRefusedAsync(request, StatusCode.InvalidArgument, "command is required");
        request.Command.Add("true");
        await AssertRefusedAsync(request, StatusCode.InvalidArgument, "environment keys must match ^[A-Za-z_][A-Za-z0-9_]*$; got '1'");
        request.Environment.Clear();
        await AssertRefusedAsync(request, StatusCode.InvalidArgument, "workdir exceeds 4096 bytes");
        request.Workdir = "";
        await AssertRefusedAsync(request, StatusCode.InvalidArgument, "workspace_scope is required");
        request.WorkspaceScope = Scope.Default;
        await AssertRefusedAsync(request, StatusCode.InvalidArgument, "sandbox is required");
        request.Sandbox = "b";
        await AssertRefusedAsync(request, StatusCode.NotFound, "sandbox not found");
        request.Sandbox = "a";
        await AssertRefusedAsync(request, StatusCode.FailedPrecondition, "sandbox is not ready (phase Provisioning)");
    }

    [Test]
    public async Task Session_IsNotThere_FifteenSecondsThenUnavailable()
    {
        await Gateway.AddSandboxAsync(phase: Sandboxes.SandboxPhase.Ready);
        var timers = Gateway.Time.ActiveTimers;
        var call = Api().ExecAsync(Request("true"), Streams, CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => Gateway.Time.ActiveTimers > timers, "the session is waited for");
        Gateway.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.That(call.IsCompleted, Is.False);
        Gateway.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(
            await RefusalAsync(call),
            Is.EqualTo(new Status(StatusCode.Unavailable, "supervisor relay failed: supervisor session not connected")));
    }

    [Test]
    public async Task Relay_IsNotDelivered_TenSecondsThenDeadlineExceeded()
    {
        await Gateway.AddSandboxAsync();
        var supervisor = await Gateway.ConnectAsync(features: [.. RelayFeatures.All]);
        var call = Api().ExecAsync(Request("true"), Streams, CancellationToken.None);
        await supervisor.Streams.NextAsync("RelayOpen");
        Gateway.Time.Advance(TimeSpan.FromSeconds(10));
        var status = await RefusalAsync(call);
        Assert.That(status.StatusCode, Is.EqualTo(StatusCode.DeadlineExceeded));
        Assert.That(status.Detail, Does.StartWith("relay open timed out"));
    }

    [Test]
    public async Task Relay_IsDropped_Unavailable()
    {
        await Gateway.AddSandboxAsync();
        var supervisor = await Gateway.ConnectAsync(features: [.. RelayFeatures.All]);
        var call = Api().ExecAsync(Request("true"), Streams, CancellationToken.None);
        await supervisor.Streams.NextAsync("RelayOpen");
        Gateway.Broker.CloseAll("a", "the sandbox is being stopped");
        Assert.That(
            await RefusalAsync(call), Is.EqualTo(new Status(StatusCode.Unavailable, "relay channel dropped: the sandbox is being stopped")));
    }

    [Test]
    public async Task Relay_SupervisorCannotOpenIt_UnavailableWithItsReason()
    {
        await Gateway.AddSandboxAsync();
        var supervisor = await Gateway.ConnectAsync(features: [.. RelayFeatures.All]);
        var call = Api().ExecAsync(Request("true"), Streams, CancellationToken.None);
        var open = (await supervisor.Streams.NextAsync("RelayOpen")).RelayOpen;
        Gateway.Broker.Fail(open.ChannelId, "a", "no descriptors");
        Assert.That(await RefusalAsync(call), Is.EqualTo(new Status(StatusCode.Unavailable, "supervisor relay failed: no descriptors")));
    }

    [Test]
    public async Task ExecutionTimeout_IsReached_ExitOf124AndOk()
    {
        var request = Request("sleep", "60");
        request.ExecutionTimeout = new Duration { Seconds = 1, Nanos = 500_000_000 };
        var (call, channel, far, _) = await StartAsync(request);
        Assert.That(Started.TimeoutMs, Is.EqualTo(1500));
        await ExitAsync(channel, far, new ExecExit { Signal = 15, TimedOut = true });
        await Eventually.EndsAsync(call, "the call");
        var exit = (await NextAsync()).Exit;
        Assert.That((exit.ExitCode, exit.TimedOut, Streams.Unread), Is.EqualTo((124, true, 0)));
    }

    [Test]
    public async Task ExecutionTimeout_Absent_IsNoLimit()
    {
        var (call, channel, far, _) = await StartAsync(Request("true"));
        Assert.That(Started.TimeoutMs, Is.Zero);
        await ExitAsync(channel, far, new ExecExit());
        await Eventually.EndsAsync(call, "the call");
    }

    // A present zero is not an absent one. Nothing is started, and no supervisor asked.
    [Test]
    public async Task ExecutionTimeout_Zero_EndsAtOnceWith124([Values] bool interactive)
    {
        var request = Request("true");
        request.ExecutionTimeout = new Duration();
        await Gateway.AddSandboxAsync();
        await AssertRefusedAsync(request, StatusCode.FailedPrecondition, "sandbox is not ready (phase Provisioning)");
        var supervisor = await Gateway.ConnectAsync(features: [.. RelayFeatures.All]);
        Streams.Say(new ExecSandboxInput { Start = request });
        await Eventually.EndsAsync(
            interactive
                ? Api().ExecInteractiveAsync(Streams, Streams, CancellationToken.None)
                : Api().ExecAsync(request, Streams, CancellationToken.None),
            "the call");
        var exit = (await NextAsync()).Exit;
        Assert.That((exit.ExitCode, exit.TimedOut, Streams.Unread, supervisor.Streams.Unread), Is.EqualTo((124, true, 0, 0)));
    }

    [TestCase(-1, 0, "execution_timeout must not be negative: -1 s")]
    [TestCase(315_576_000_001, 0, "execution_timeout is no span: seconds 315576000001, nanos 0")]
    [TestCase(1, -1, "execution_timeout is no span: seconds 1, nanos -1")]
    [TestCase(0, 1_000_000_000, "execution_timeout is no span: seconds 0, nanos 1000000000")]
    public async Task ExecutionTimeout_NegativeOrOutOfRange_InvalidArgument(long seconds, int nanos, string message)
    {
        var request = Request("true");
        request.ExecutionTimeout = new Duration { Seconds = seconds, Nanos = nanos };
        await AssertRefusedAsync(request, StatusCode.InvalidArgument, message);
    }

    [TestCase(0u, 0u, 80u, 24u)]
    [TestCase(100u, 0u, 100u, 24u)]
    public async Task Terminal_SizeIsZero_IsEightyByTwentyFour(uint cols, uint rows, uint expectedCols, uint expectedRows)
    {
        var request = Request("sh");
        (request.Tty, request.Cols, request.Rows) = (true, cols, rows);
        var (call, channel, far, _) = await StartAsync(request);
        Assert.That((Started.Terminal.Cols, Started.Terminal.Rows), Is.EqualTo((expectedCols, expectedRows)));
        await ExitAsync(channel, far, new ExecExit());
        await Eventually.EndsAsync(call, "the call");
    }

    [TestCase(0, 9, 137)]
    [TestCase(3, 0, 3)]
    [TestCase(255, 0, 255)]
    public async Task Exit_IsTheLastEvent_WithTheShellsCode(int code, int signal, int expected)
    {
        var (call, channel, far, _) = await StartAsync(Request("sh"));
        await channel.WriteAsync(ExecFrameType.Stdout, "out"u8.ToArray(), CancellationToken.None);
        await ExitAsync(channel, far, new ExecExit { Code = code, Signal = signal });
        await Eventually.EndsAsync(call, "the call");
        Assert.That((await NextAsync()).PayloadCase, Is.EqualTo(ExecSandboxEvent.PayloadOneofCase.Stdout));
        Assert.That((await NextAsync()).Exit.ExitCode, Is.EqualTo(expected));
        Assert.That(Streams.Unread, Is.Zero);
    }

    [Test]
    public async Task Output_EndsWithoutAnExitStatus_UnavailableAndNoExit()
    {
        var (call, channel, far, _) = await StartAsync(Request("sh"));
        await channel.WriteAsync(ExecFrameType.Stdout, "out"u8.ToArray(), CancellationToken.None);
        await far.CompleteWritesAsync(CancellationToken.None);
        Assert.That((await RefusalAsync(call)).StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That((await NextAsync()).PayloadCase, Is.EqualTo(ExecSandboxEvent.PayloadOneofCase.Stdout));
        Assert.That(Streams.Unread, Is.Zero);
    }

    [Test]
    public async Task NoLoginShell_EitherWay_ReachesTheSupervisor([Values] bool noLoginShell)
    {
        var request = Request("env");
        request.NoLoginShell = noLoginShell;
        var (call, channel, far, _) = await StartAsync(request);
        Assert.That(Started.LoginEnvironment, Is.EqualTo(!noLoginShell));
        await ExitAsync(channel, far, new ExecExit());
        await Eventually.EndsAsync(call, "the call");
    }

    [Test]
    public async Task NoLoginShell_OldSupervisor_FailedPrecondition()
    {
        await Gateway.AddSandboxAsync();
        await Gateway.ConnectAsync(features: [RelayFeatures.Exec]);
        var request = Request("env");
        request.NoLoginShell = true;
        await AssertRefusedAsync(
            request, StatusCode.FailedPrecondition, "the sandbox's supervisor is too old for 'no_login_shell'; stop and start the sandbox");
    }

    [Test]
    public async Task SupervisorWithoutExec_Command_GoesToItsSshServer()
    {
        await Gateway.AddSandboxAsync();
        var supervisor = await Gateway.ConnectAsync();
        var call = Api().ExecAsync(Request("true"), Streams, CancellationToken.None);
        var open = (await supervisor.Streams.NextAsync("RelayOpen")).RelayOpen;
        var (near, far, toNear) = RecordingTransport.ConnectBoth();
        Assert.That(Gateway.Relays.Claim(open.ChannelId, "a").Pending!.TrySucceed(near), Is.True);
        var greeting = await Eventually.EndsAsync(far.ReadAsync(CancellationToken.None).AsTask(), "the client's greeting");
        await toNear.CompleteAsync();
        var status = await RefusalAsync(call);

        Assert.That(open.TargetCase, Is.EqualTo(RelayOpen.TargetOneofCase.Ssh));
        Assert.That(Encoding.ASCII.GetString(greeting.Data), Does.StartWith("SSH-2.0-"));
        Assert.That(status.StatusCode, Is.EqualTo(StatusCode.Internal));
        Assert.That(status.Detail, Does.StartWith("failed to establish ssh transport: "));
    }

    [Test]
    public async Task SupervisorWithoutExec_WhatSshCannotDo_FailedPrecondition()
    {
        await Gateway.AddSandboxAsync();
        await Gateway.ConnectAsync();
        var request = Request("env");
        request.NoLoginShell = true;
        await AssertRefusedAsync(
            request, StatusCode.FailedPrecondition, "the sandbox's supervisor is too old for 'no_login_shell': it runs plain commands only");
    }

    [Test]
    public async Task Interactive_NothingComes_InvalidArgument()
    {
        Streams.HangUp();
        Assert.That(
            await RefusalAsync(Api().ExecInteractiveAsync(Streams, Streams, CancellationToken.None)),
            Is.EqualTo(new Status(StatusCode.InvalidArgument, "empty stream: expected start message")));
    }

    [Test]
    public async Task Interactive_FirstMessageIsNoStart_InvalidArgument([Values] bool empty)
    {
        Streams.Say(empty ? new ExecSandboxInput() : new ExecSandboxInput { Stdin = ByteString.CopyFromUtf8("x") });
        Assert.That(
            await RefusalAsync(Api().ExecInteractiveAsync(Streams, Streams, CancellationToken.None)),
            Is.EqualTo(new Status(StatusCode.InvalidArgument, "first message must be a start payload")));
    }

    [Test]
    public async Task Interactive_StartAgainOrNothing_InvalidArgumentAndTheCommandIsEnded([Values] bool empty)
    {
        var (call, _, _) = await StartInteractiveAsync(CancellationToken.None);
        Streams.Say(empty ? new ExecSandboxInput() : new ExecSandboxInput { Start = Request("true") });
        Assert.That(await RefusalAsync(call), Is.EqualTo(new Status(StatusCode.InvalidArgument, "expected stdin or resize after exec start")));
        Assert.That(Relay.Calls, Does.Contain("abort"), "the supervisor is told");
    }

    // The supervisor ignores it; nobody else knows what runs without a terminal.
    [Test]
    public async Task Interactive_ResizeWithoutTerminal_IsNoError()
    {
        var (call, channel, far) = await StartInteractiveAsync(CancellationToken.None);
        Streams.Say(new ExecSandboxInput { Resize = new ExecSandboxWindowResize { Cols = 1, Rows = 1 } });
        Assert.That((await ReadAsync(channel)).Type, Is.EqualTo(ExecFrameType.Resize));
        await ExitAsync(channel, far, new ExecExit());
        await Eventually.EndsAsync(call, "the call");
    }

    [Test]
    public async Task Interactive_ClientClosesItsHalf_EndsStdinAndNothingElse()
    {
        var (call, channel, far) = await StartInteractiveAsync(CancellationToken.None);
        Streams.HangUp();
        Assert.That((await ReadAsync(channel)).Type, Is.EqualTo(ExecFrameType.StdinEnd));
        await channel.WriteAsync(ExecFrameType.Stdout, "later"u8.ToArray(), CancellationToken.None);
        Assert.That((await NextAsync()).Stdout.Data.ToStringUtf8(), Is.EqualTo("later"));
        Assert.That(call.IsCompleted, Is.False);
        await ExitAsync(channel, far, new ExecExit { Code = 4 });
        await Eventually.EndsAsync(call, "the call");
        Assert.That((await NextAsync()).Exit.ExitCode, Is.EqualTo(4));
    }

    [Test]
    public async Task Client_Cancels_TheCommandIsClosed()
    {
        using var caller = new CancellationTokenSource();
        var (call, _, _) = await StartInteractiveAsync(caller.Token);
        await caller.CancelAsync();
        await Assert.ThatAsync(() => Eventually.EndsAsync(call, "the call"), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Relay.Calls, Does.Contain("abort"), "the supervisor is told");
    }

    private async Task<(Task Call, ExecChannel Channel, RelayConnection Far)> StartInteractiveAsync(CancellationToken cancellationToken)
    {
        Streams.Say(new ExecSandboxInput { Start = Request("cat") });
        var (call, channel, far, _) = await ServeAsync(() => Api().ExecInteractiveAsync(Streams, Streams, cancellationToken));
        return (call, channel, far);
    }

    private async Task AssertRefusedAsync(ExecSandboxRequest request, StatusCode code, string message) => Assert.That(
        await RefusalAsync(CallAsync(request)), Is.EqualTo(new Status(code, message)));

    // What is wrong with a request is said before the first await.
    private async Task CallAsync(ExecSandboxRequest request) => await Api().ExecAsync(request, Streams, CancellationToken.None);
}
