using System.Runtime.InteropServices;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.Exec;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class ExecEndTests : GatewayTestBase
{
    [SetUp]
    public void AddSandbox() => Gateway.Add("alpha");

    [Test]
    public async Task Exec_StreamEndsWithoutExit_ExitsWith255()
    {
        Gateway.Exec = (_, _, events, _) => events.WriteAsync(ExecEvents.Stdout("half"));

        var result = await Cli.RunAsync("sandbox", "exec", "alpha", "--", "true");

        Assert.That(result.ExitCode, Is.EqualTo(255));
        Assert.That(result.Out, Is.EqualTo("half"));
        Assert.That(result.Error, Is.EqualTo(
            "error: nobody knows how the command in sandbox 'alpha' ended: the gateway ended the stream without an exit code\n"));
    }

    [Test]
    public async Task Exec_GatewayDiesInTheMiddle_ExitsWith255()
    {
        Gateway.Exec = async (_, _, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("half"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        var run = Cli.RunAsync("sandbox", "exec", "alpha", "--", "true");
        await Cli.Out.WaitForAsync("half", CliHarness.Limit);

        await Gateway.DisposeAsync();

        Assert.That((await run).ExitCode, Is.EqualTo(255));
    }

    [Test]
    public async Task Exec_GatewayFailsAfterOutput_ExitsWith255()
    {
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("half"));
            throw new RpcException(new Status(StatusCode.Unavailable, "supervisor session lost"));
        };

        var result = await Cli.RunAsync("sandbox", "exec", "alpha", "--", "true");

        Assert.That(result.ExitCode, Is.EqualTo(255));
        Assert.That(result.Error, Does.Contain("supervisor session lost"));
    }

    [TestCase(true, 255)]
    [TestCase(false, 5)]
    public async Task Exec_SandboxLostBeforeTheFirstEvent_TellsWhetherTheCommandMayHaveRun(bool sent, int exitCode)
    {
        var trailers = sent ? new Metadata { { ExecTrailers.CommandSent, "true" } } : [];
        Gateway.Exec = (_, _, _, _) => throw new RpcException(new Status(StatusCode.Unavailable, "lost"), trailers);

        var result = await Cli.RunAsync("sandbox", "exec", "alpha", "--", "true");

        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.Error);
        Assert.That(result.Error, Does.EndWith("lost\n"));
    }

    [Test]
    public async Task Exec_Refused_ShowsWhy()
    {
        Gateway.Exec = (_, _, _, _) =>
            throw new RpcException(new Status(StatusCode.InvalidArgument, "argument 1 has 33792 bytes; 32768 are allowed"));

        var result = await Cli.RunAsync("sandbox", "exec", "alpha", "--", "echo", new string('x', 33 * 1024));

        Assert.That(result, Is.EqualTo(new CliResult(2, "", "error: argument 1 has 33792 bytes; 32768 are allowed\n")));
    }

    [Test]
    public async Task Exec_GatewayGone_ExitsWith5()
    {
        await Gateway.DisposeAsync();

        var result = await Cli.RunAsync("sandbox", "exec", "alpha", "--", "true");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Error, Does.Contain("cannot reach the gateway at " + Gateway.Endpoint));
    }

    [Test]
    public async Task Exec_FirstInterrupt_GoesToTheCommand()
    {
        Cli.KeepInputOpen = true;
        Gateway.Exec = async (_, requests, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await requests.MoveNext(context.CancellationToken);
            await events.WriteAsync(ExecEvents.Exit(128 + requests.Current.Signal));
        };
        var run = Cli.RunAsync("sandbox", "exec", "alpha", "--", "sleep", "1000");
        await Cli.Out.WaitForAsync("ready", CliHarness.Limit);

        Cli.Signals.Raise(PosixSignal.SIGINT);

        Assert.That((await run).ExitCode, Is.EqualTo(130));
    }

    [Test]
    public async Task Exec_SecondInterrupt_EndsTheCall()
    {
        Cli.KeepInputOpen = true;
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Gateway.Exec = async (_, _, events, context) =>
        {
            using var registration = context.CancellationToken.Register(cancelled.SetResult);
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await cancelled.Task;
        };
        var run = Cli.RunAsync("sandbox", "exec", "alpha", "--", "sleep", "1000");
        await Cli.Out.WaitForAsync("ready", CliHarness.Limit);

        Cli.Signals.Raise(PosixSignal.SIGINT);
        Cli.Signals.Raise(PosixSignal.SIGINT);

        Assert.That((await run).ExitCode, Is.EqualTo(130));
        await cancelled.Task.WaitAsync(CliHarness.Limit);
        Assert.That(Cli.ForcedExit, Is.Null);
    }

    [Test]
    public async Task Exec_Terminate_EndsTheCallWith143()
    {
        Gateway.Exec = async (_, _, events, context) =>
        {
            await events.WriteAsync(ExecEvents.Stdout("ready"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        var run = Cli.RunAsync("sandbox", "exec", "alpha", "--", "sleep", "1000");
        await Cli.Out.WaitForAsync("ready", CliHarness.Limit);

        Cli.Signals.Raise(PosixSignal.SIGTERM);

        Assert.That((await run).ExitCode, Is.EqualTo(143));
    }
}
