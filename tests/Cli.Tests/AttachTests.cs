using System.Runtime.InteropServices;
using System.Text;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class AttachTests : GatewayTestBase
{
    [SetUp]
    public void AddSandbox() => Gateway.Add("alpha").Spec.Command.Add("server");

    [Test]
    public async Task Attach_Output_ComesWithTheExitCode()
    {
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Attached());
            await events.WriteAsync(ExecEvents.Stdout("before and now"));
            await events.WriteAsync(ExecEvents.Stderr("err"));
            await events.WriteAsync(ExecEvents.Exit(143));
        };

        var result = await Cli.RunAsync("sandbox", "attach", "alpha");

        Assert.That(result, Is.EqualTo(new CliResult(143, "before and now", "err")));
        Assert.That(
            Gateway.Request<ExecSandboxRequest>(), Is.EqualTo(new ExecSandboxRequest { Sandbox = "alpha", WorkspaceScope = FakeGateway.DefaultScope, Attach = new MainProcessAttach() }));
    }

    [Test]
    public async Task Attach_ReadOnly_AsksForThatAndLeavesTheInput()
    {
        Cli.KeepInputOpen = true;
        await Cli.Input.WriteAsync("for somebody else"u8.ToArray());
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Attached(inputOwner: false));
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await events.WriteAsync(ExecEvents.Exit(0));
        };

        var result = await Cli.RunAsync("sandbox", "attach", "--read-only", "alpha");

        Assert.That(result, Is.EqualTo(new CliResult(0, "ready", "")));
        Assert.That(Gateway.Request<ExecSandboxRequest>().Attach.ReadOnly, Is.True);
        Assert.That(Cli.ReadLeftInput(17), Is.EqualTo("for somebody else"));
    }

    [Test]
    public async Task Attach_InputIsTaken_SaysSo()
    {
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Attached(inputOwner: false));
            await events.WriteAsync(ExecEvents.Exit(0));
        };

        var result = await Cli.RunAsync("sandbox", "attach", "alpha");

        Assert.That(result.Error, Is.EqualTo("Another client has the input of sandbox 'alpha': this one only reads\n"));
    }

    [Test]
    public async Task Attach_PipedInput_IsSentWithItsEnd()
    {
        var received = new StringBuilder();
        Cli.KeepInputOpen = true;
        await Cli.Input.WriteAsync("piped"u8.ToArray());
        await Cli.Input.DisposeAsync();
        Gateway.Exec = async (_, requests, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Attached());
            while (await requests.MoveNext(context.CancellationToken))
            {
                received.Append(requests.Current.Stdin.ToStringUtf8());
            }

            await events.WriteAsync(ExecEvents.Exit(0));
        };

        Assert.That((await Cli.RunAsync("sandbox", "attach", "alpha")).ExitCode, Is.Zero);
        Assert.That(received.ToString(), Is.EqualTo("piped"));
    }

    [Test]
    public async Task Attach_PipedInputToATerminal_DoesNotEndIt()
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Gateway.Exec = async (_, requests, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Attached(terminal: true));
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            var next = requests.MoveNext(context.CancellationToken);
            await Task.WhenAny(next, ended.Task);
            await events.WriteAsync(ExecEvents.Exit(next.IsCompleted ? 1 : 0));
        };
        var run = Cli.RunAsync("sandbox", "attach", "alpha");
        await Cli.Out.WaitForAsync("ready", CliHarness.Limit);
        ended.SetResult();

        Assert.That((await run).ExitCode, Is.Zero, "the end of the pipe was sent");
    }

    [Test]
    public async Task Attach_Terminate_LeavesWith143()
    {
        Gateway.Exec = async (_, _, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Attached());
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        var run = Cli.RunAsync("sandbox", "attach", "alpha");
        await Cli.Out.WaitForAsync("ready", CliHarness.Limit);

        Cli.Signals.Raise(PosixSignal.SIGTERM);

        Assert.That((await run).ExitCode, Is.EqualTo(143));
    }

    [TestCase(true, 99)]
    [TestCase(false, 130)]
    public async Task Attach_Interrupt_GoesToTheProcessOfWhoHasItsInput(bool owner, int code)
    {
        Cli.KeepInputOpen = true;
        Gateway.Exec = async (_, requests, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Attached(inputOwner: owner));
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await requests.MoveNext(context.CancellationToken);
            await events.WriteAsync(ExecEvents.Exit(requests.Current.Signal == 2 ? 99 : 98));
        };
        var run = Cli.RunAsync("sandbox", "attach", "alpha");
        await Cli.Out.WaitForAsync("ready", CliHarness.Limit);

        Cli.Signals.Raise(PosixSignal.SIGINT);

        Assert.That((await run).ExitCode, Is.EqualTo(code));
    }

    [Test]
    public async Task Attach_Refused_ShowsWhy()
    {
        Gateway.Exec = (_, _, _, _) => throw new RpcException(new Status(StatusCode.FailedPrecondition, "sandbox is not ready (phase Stopped)"));

        Assert.That(
            await Cli.RunAsync("sandbox", "attach", "alpha"), Is.EqualTo(new CliResult(1, "", "error: sandbox is not ready (phase Stopped)\n")));
    }
}
