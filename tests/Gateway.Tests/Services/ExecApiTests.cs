using System.IO.Pipelines;
using System.Text;
using Grpc.Core;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Relays;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>ExecSandbox and ExecSandboxInteractive over a relay whose far end is the test's.</summary>
internal sealed class ExecApiTests : RaceTest
{
    private readonly FakeStreams<ExecSandboxInput, ExecSandboxEvent> _streams = new();

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
        Assert.That(_streams.Unread, Is.Zero);
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
        Assert.That(_streams.Unread, Is.Zero);
        far.Abort();
    }

    [Test]
    public async Task Exec_NoSuchSandbox_IsRefused() => Assert.That(
        await RefusalAsync(Api().ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "true" } }, _streams, CancellationToken.None)),
        Is.EqualTo(new Status(StatusCode.NotFound, "sandbox not found")));

    [Test]
    public async Task Exec_SandboxIsNotReady_IsRefused()
    {
        await Gateway.AddSandboxAsync();

        var status = await RefusalAsync(
            Api().ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "true" } }, _streams, CancellationToken.None));

        Assert.That(status, Is.EqualTo(new Status(StatusCode.FailedPrecondition, "sandbox is not ready (phase Provisioning)")));
    }

    [Test]
    public async Task ExecInteractive_NothingComes_IsRefused()
    {
        _streams.HangUp();

        Assert.That(
            await RefusalAsync(Api().ExecInteractiveAsync(_streams, _streams, CancellationToken.None)),
            Is.EqualTo(new Status(StatusCode.InvalidArgument, "empty stream: expected start message")));
    }

    [Test]
    public async Task ExecInteractive_FirstMessageIsNoStart_IsRefused()
    {
        _streams.Say(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("x") });

        Assert.That(
            await RefusalAsync(Api().ExecInteractiveAsync(_streams, _streams, CancellationToken.None)),
            Is.EqualTo(new Status(StatusCode.InvalidArgument, "first message must be a start payload")));
    }

    [Test]
    public async Task ExecInteractive_Input_ReachesTheProcessInOrderAndItsExitEndsTheCall()
    {
        _streams.Say(new ExecSandboxInput { Start = new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = "a", Command = { "sh" }, Tty = true } });
        _streams.Say(new ExecSandboxInput { Resize = new ExecSandboxWindowResize { Cols = 90, Rows = 30 } });
        _streams.Say(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8("x") });
        var (call, channel, far, _) = await ServeAsync(() => Api().ExecInteractiveAsync(_streams, _streams, CancellationToken.None));

        Assert.That((await ReadAsync(channel)).Type, Is.EqualTo(ExecFrameType.Resize));
        Assert.That(await ReadAsync(channel), Is.EqualTo((ExecFrameType.Stdin, "x")));
        // Nobody ends the input: the exit alone ends the call.
        await ExitAsync(channel, far, new ExecExit { Code = 0 });

        await Eventually.EndsAsync(call, "the call");
        Assert.That((await NextAsync()).Exit.ExitCode, Is.Zero);
    }

    private ExecApi Api() => new(Gateway.Directory, new ExecLauncher(Gateway.Sandboxes, Gateway.Broker, new RelayTurns(Gateway.Options, Gateway.Time)));

    private Task<(Task Call, ExecChannel Channel, RelayConnection Far, PipeWriter ToNear)> StartAsync(ExecSandboxRequest request) =>
        ServeAsync(() => Api().ExecAsync(request, _streams, CancellationToken.None));

    // Plays the supervisor up to the start frame.
    private async Task<(Task Call, ExecChannel Channel, RelayConnection Far, PipeWriter ToNear)> ServeAsync(Func<Task> begin)
    {
        await Gateway.AddSandboxAsync();
        var supervisor = await Gateway.ConnectAsync();
        var call = begin();
        var open = (await supervisor.Streams.NextAsync("RelayOpen")).RelayOpen;
        var claim = Gateway.Relays.Claim(open.ChannelId, "a");
        var (near, far, toNear) = RecordingTransport.ConnectBoth();
        Assert.That(claim.Pending!.TrySucceed(near), Is.True);
        var channel = new ExecChannel(far);
        Assert.That((await ReadAsync(channel)).Type, Is.EqualTo(ExecFrameType.Start));
        return (call, channel, far, toNear);
    }

    private static async Task<(ExecFrameType Type, string Text)> ReadAsync(ExecChannel channel)
    {
        var part = await Eventually.EndsAsync(channel.ReadAsync(CancellationToken.None).AsTask(), "a frame");
        return (part.Type, Encoding.UTF8.GetString(part.Data));
    }

    private static async Task ExitAsync(ExecChannel channel, RelayConnection far, ExecExit exit)
    {
        await channel.WriteAsync(ExecFrameType.Exit, exit, CancellationToken.None);
        await far.CompleteWritesAsync(CancellationToken.None);
    }

    private Task<ExecSandboxEvent> NextAsync() => _streams.NextAsync("an event");

    private static async Task<Status> RefusalAsync(Task call)
    {
        try
        {
            await Eventually.EndsAsync(call, "the call");
        }
        catch (RpcException e)
        {
            return e.Status;
        }

        throw new AssertionException("the call was not refused");
    }
}
