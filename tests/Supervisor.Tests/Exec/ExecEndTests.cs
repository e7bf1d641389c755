using OpenShell.Linux.Processes;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>How a process ends: by itself, by its time limit, with its caller, by a signal.</summary>
public sealed class ExecEndTests : ExecTestBase
{
    [Test]
    public async Task Exec_ReaderStopsEarly_PipelineEnds()
    {
        var outcome = await RunAsync("sh", "-c", "yes | head -n 3");
        Assert.That(outcome.Output, Is.EqualTo("y\ny\ny\n"));
    }

    [Test]
    public async Task Exec_ProcessIgnoresItsInput_ExitIsNotHeldBack()
    {
        await using var call = await Gateway.ExecAsync("true");
        var sending = SendAsync(call, new byte[4 * 1024 * 1024]);
        var outcome = await call.ReadToExitAsync();
        Assert.That(outcome.Exit, Is.EqualTo(new ExecExit()));
        await sending.WaitAsync(TestEngine.Timeout);
    }

    [Test]
    public async Task Exec_BackgroundChildKeepsPipe_ExitComesSoonAndAfterAllOutput()
    {
        var outcome = await RunAsync("sh", "-c", "sleep 1000 & head -c 200000 /dev/zero; echo end");
        Assert.That(outcome.OutputBytes, Has.Length.EqualTo(200_004));
    }

    [Test]
    public async Task Exec_BackgroundChildWritesForEver_ExitComesSoon()
    {
        var outcome = await RunAsync("sh", "-c", "yes & echo $!");
        Assert.That(outcome.Exit, Is.EqualTo(new ExecExit()));
        var pid = outcome.Output.Split('\n').First(line => line != "y" && line.Length > 0);
        await RunAsync("kill", "-9", pid);
    }

    [Test]
    public async Task Exec_TimeIsUp_GroupIsTerminated()
    {
        var start = Start("sh", "-c", "echo ready; sleep 100");
        start.TimeoutMs = 300;
        await using var call = await Gateway.ExecAsync(start);
        var outcome = await call.ReadToExitAsync();
        Assert.That(outcome.Exit, Is.EqualTo(new ExecExit { Signal = Signals.Terminate, TimedOut = true }));
    }

    [Test]
    public async Task Exec_TimeIsUpAndTermIgnored_GroupIsKilled()
    {
        var start = Start("sh", "-c", "trap '' TERM; sleep 101; sleep 102");
        start.TimeoutMs = 300;
        await using var call = await Gateway.ExecAsync(start);
        var outcome = await call.ReadToExitAsync();
        Assert.That(outcome.Exit, Is.EqualTo(new ExecExit { Signal = Signals.Kill, TimedOut = true }));
        await UntilEndedAsync("sleep 10[12]");
    }

    [Test]
    public async Task Exec_CallerGoes_GroupIsEnded()
    {
        var call = await Gateway.ExecAsync("sh", "-c", "trap '' HUP TERM; sleep 103; sleep 104");
        Assert.That((await call.Channel.ReadAsync(CancellationToken.None)).Type, Is.EqualTo(ExecFrameType.Started));
        await UntilRunningAsync("sleep 103");
        await call.DisposeAsync();
        await UntilEndedAsync("sleep 10[34]");
    }

    [Test]
    public async Task Exec_RelayIsClosedByGateway_GroupIsEnded()
    {
        await using var call = await Gateway.ExecAsync("sleep", "105");
        Assert.That((await call.Channel.ReadAsync(CancellationToken.None)).Type, Is.EqualTo(ExecFrameType.Started));
        await Gateway.Current!.SendAsync(new() { RelayClose = new() { ChannelId = call.ChannelId, Reason = "test" } });
        await UntilEndedAsync("sleep 105");
    }

    [Test]
    public async Task Exec_Signal_ReachesTheGroup()
    {
        await using var call = await Gateway.ExecAsync("sh", "-c", "trap 'echo caught; exit 7' USR1; echo ready; while :; do sleep 0.05; done");
        var signalled = false;
        var outcome = await call.ReadToExitAsync(_ =>
        {
            if (!signalled)
            {
                signalled = true;
                var sending = call.Channel.WriteAsync(ExecFrameType.Signal, new ExecSignal { Number = 10 }, CancellationToken.None);
                Assert.That(sending.IsFaulted, Is.False);
            }
        });
        Assert.That((outcome.Output, outcome.Exit.Code), Is.EqualTo(("ready\ncaught\n", 7)));
    }
}
