using Grpc.Core;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>ExecSandbox and ExecSandboxInteractive over a relay whose far end is the test's.</summary>
internal sealed class ExecApiTests : ExecApiTest
{
    [Test]
    public async Task Exec_Command_StartsItSendsStdinAndEndsWithItsExit()
    {
        var (call, channel, far, _) = await StartAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "cat" }, Stdin = Google.Protobuf.ByteString.CopyFromUtf8("in") });
        Assert.That(await ReadAsync(channel), Is.EqualTo((ExecFrameType.Stdin, "in")));
        Assert.That((await ReadAsync(channel)).Type, Is.EqualTo(ExecFrameType.StdinEnd));
        await channel.WriteAsync(ExecFrameType.Stdout, "out"u8.ToArray(), CancellationToken.None);
        await channel.WriteAsync(ExecFrameType.Stderr, "err"u8.ToArray(), CancellationToken.None);
        await ExitAsync(channel, far, new ExecExit { Code = 7 });

        await Eventually.EndsAsync(call, "the call");

        Assert.That((await NextAsync()).Stdout.Data.ToStringUtf8(), Is.EqualTo("out"));
        Assert.That((await NextAsync()).Stderr.Data.ToStringUtf8(), Is.EqualTo("err"));
        Assert.That((await NextAsync()).Exit.ExitCode, Is.EqualTo(7));
        Assert.That(Streams.Unread, Is.Zero);
    }

    // Callers of the plain API see on stderr why a command did not start, as from a shell.
    [Test]
    public async Task Exec_ExitHasAMessage_IsOnStderrBeforeTheExit()
    {
        var (call, channel, far, _) = await StartAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "nothing" } });
        await ExitAsync(channel, far, new ExecExit { Code = 127, Message = "nothing: not found" });

        await Eventually.EndsAsync(call, "the call");

        Assert.That((await NextAsync()).Stderr.Data.ToStringUtf8(), Is.EqualTo("openshell: nothing: not found\n"));
        Assert.That((await NextAsync()).Exit.ExitCode, Is.EqualTo(127));
    }

    [Test]
    public async Task Exec_RelayBreaksBeforeTheExit_IsUnavailable()
    {
        var (call, _, far, toNear) = await StartAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "sleep" } });

        await toNear.CompleteAsync(new IOException("cable cut"));

        var e = await RefusalAsync(call);
        Assert.That(e.StatusCode, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(e.Detail, Does.StartWith("the connection to the sandbox was lost: "));
        Assert.That(Streams.Unread, Is.Zero);
        far.Abort();
    }

    [Test]
    public async Task Exec_NoSuchSandbox_IsRefused() => Assert.That(
        await RefusalAsync(Api().ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "true" } }, Streams, CancellationToken.None)),
        Is.EqualTo(new Status(StatusCode.NotFound, "sandbox not found")));

    [Test]
    public async Task Exec_SandboxIsNotReady_IsRefused()
    {
        await Gateway.AddSandboxAsync();

        var status = await RefusalAsync(
            Api().ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "true" } }, Streams, CancellationToken.None));

        Assert.That(status, Is.EqualTo(new Status(StatusCode.FailedPrecondition, "sandbox is not ready (phase Provisioning)")));
    }

    [Test]
    public async Task ExecInteractive_NothingComes_IsRefused()
    {
        Streams.HangUp();

        Assert.That(
            await RefusalAsync(Api().ExecInteractiveAsync(Streams, Streams, CancellationToken.None)),
            Is.EqualTo(new Status(StatusCode.InvalidArgument, "empty stream: expected start message")));
    }

    [Test]
    public async Task ExecInteractive_FirstMessageIsNoStart_IsRefused()
    {
        Streams.Say(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("x") });

        Assert.That(
            await RefusalAsync(Api().ExecInteractiveAsync(Streams, Streams, CancellationToken.None)),
            Is.EqualTo(new Status(StatusCode.InvalidArgument, "first message must be a start payload")));
    }

    [Test]
    public async Task ExecInteractive_Input_ReachesTheProcessInOrderAndItsExitEndsTheCall()
    {
        Streams.Say(new ExecSandboxInput { Start = new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "sh" }, Tty = true } });
        Streams.Say(new ExecSandboxInput { Resize = new ExecSandboxWindowResize { Cols = 90, Rows = 30 } });
        Streams.Say(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("x") });
        var (call, channel, far, _) = await ServeAsync(() => Api().ExecInteractiveAsync(Streams, Streams, CancellationToken.None));

        Assert.That((await ReadAsync(channel)).Type, Is.EqualTo(ExecFrameType.Resize));
        Assert.That(await ReadAsync(channel), Is.EqualTo((ExecFrameType.Stdin, "x")));
        // Nobody ends the input: the exit alone ends the call.
        await ExitAsync(channel, far, new ExecExit { Code = 0 });

        await Eventually.EndsAsync(call, "the call");
        Assert.That((await NextAsync()).Exit.ExitCode, Is.Zero);
    }

    [Test]
    public async Task ExecInteractive_StdinOfTheStart_IsSentFirst()
    {
        var start = Request("cat");
        start.Stdin = Google.Protobuf.ByteString.CopyFromUtf8("first");
        Streams.Say(new ExecSandboxInput { Start = start });
        Streams.Say(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("second") });
        var (call, channel, far, _) = await ServeAsync(() => Api().ExecInteractiveAsync(Streams, Streams, CancellationToken.None));

        Assert.That(await ReadAsync(channel), Is.EqualTo((ExecFrameType.Stdin, "first")));
        Assert.That(await ReadAsync(channel), Is.EqualTo((ExecFrameType.Stdin, "second")));
        await ExitAsync(channel, far, new ExecExit { Code = 0 });
        await Eventually.EndsAsync(call, "the call");
    }
}
