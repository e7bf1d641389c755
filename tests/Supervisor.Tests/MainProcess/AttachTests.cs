using System.Security.Cryptography;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.MainProcess;

/// <summary>Clients of the main process of a real supervisor.</summary>
public sealed class AttachTests
{
    private static readonly ExecAttach Any = new();
    private static readonly ExecAttach ReadOnly = new() { ReadOnly = true };

    [Test]
    public async Task Attach_NoCommand_IsALoginShellOnATerminal()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync();
        await using var call = await supervisor.Gateway.AttachAsync(Any);
        Assert.That((await call.ReadAttachedAsync()).Terminal, Is.True);
        await call.WriteAsync("echo \"shell:$0 size:$(stty size)\"\n");
        await call.ReadUntilAsync("shell:-bash size:24 80");
        await call.WriteAsync("exit 3\n");
        Assert.That((await call.ReadToExitAsync()).Exit.Code, Is.EqualTo(3));
    }

    [Test]
    public async Task Attach_MainProcessCouldNotStart_GetsTheReason()
    {
        await using var supervisor = await StartAsync(terminal: false, "no-such-program");
        await using var call = await supervisor.Gateway.AttachAsync(Any);
        Assert.That((await call.ReadToExitAsync()).Exit.Failure, Is.EqualTo(ExecFailure.NotFound));
    }

    [Test]
    public async Task Attach_AfterTheEnd_ReplaysWithOutputsApartAndGivesTheExit()
    {
        await using var supervisor = await StartAsync(terminal: false, "sh", "-c", "echo out; echo err >&2; exit 7");
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        await supervisor.Gateway.Reports.Reader.ReadAsync(timeout.Token);
        await using var call = await supervisor.Gateway.AttachAsync(Any);
        var outcome = await call.ReadToExitAsync();
        Assert.That((outcome.Output, outcome.Error, outcome.Exit), Is.EqualTo(("out\n", "err\n", new ExecExit { Code = 7 })));
    }

    [Test]
    public async Task Attach_WhileItWrites_SeesEveryByteOnceAndTheExitLast()
    {
        // A number a line: a gap or a duplicate shows. The first half may be written before the attach.
        await using var supervisor = await StartAsync(terminal: false, "sh", "-c", "seq 1 50000; read line; seq 50001 100000");
        await using var owner = await supervisor.Gateway.AttachAsync(Any);
        await using var watcher = await supervisor.Gateway.AttachAsync(ReadOnly);
        Assert.That((await owner.ReadAttachedAsync()).InputOwner, Is.True);
        var watching = watcher.ReadToExitAsync();
        await owner.WriteAsync("\n");
        var expected = string.Concat(Enumerable.Range(1, 100_000).Select(number => $"{number}\n"));
        await Assert.MultipleAsync(async () =>
        {
            Assert.That((await owner.ReadToExitAsync()).Output == expected, Is.True, "what the owner saw");
            Assert.That((await watching).Output == expected, Is.True, "what the other saw");
        });
    }

    [Test]
    public async Task Attach_MoreThanTheRingWasWritten_GetsTheLastMiB()
    {
        await using var supervisor = await StartAsync(terminal: false, "sh", "-c", "head -c 5000000 /dev/zero; head -c 1048576 /dev/zero | tr '\\0' x; echo done; read line");
        await using var first = await supervisor.Gateway.AttachAsync(Any);
        await first.ReadUntilAsync("done");
        await first.DisposeAsync();
        await using var call = await supervisor.Gateway.AttachAsync(ReadOnly);
        var replayed = await call.ReadUntilAsync("done");
        Assert.That((replayed.Length, replayed.Contains('\0', StringComparison.Ordinal), replayed[^6..]), Is.EqualTo((1024 * 1024, false, "xdone\n")));
    }

    [Test]
    public async Task Attach_SecondClient_OnlyWatchesAndOwnershipIsFreedWhenTheFirstGoes()
    {
        await using var supervisor = await StartAsync(terminal: false, "sh", "-c", "while read line; do echo got $line; done; echo over");
        var first = await supervisor.Gateway.AttachAsync(Any);
        Assert.That((await first.ReadAttachedAsync()).InputOwner, Is.True);
        await using var second = await supervisor.Gateway.AttachAsync(Any);
        Assert.That((await second.ReadAttachedAsync()).InputOwner, Is.False);
        await second.WriteAsync("from the second\n");
        await second.EndInputAsync();
        await first.WriteAsync("from the first\n");
        Assert.That(await second.ReadUntilAsync("first"), Is.EqualTo("got from the first\n"));

        await first.DisposeAsync();
        await using var third = await UntilOwnerAsync(supervisor);
        await third.WriteAsync("from the third\n");
        await third.EndInputAsync();
        Assert.That((await third.ReadToExitAsync()).Output, Is.EqualTo("got from the first\ngot from the third\nover\n"));
        Assert.That((await second.ReadToExitAsync()).Output, Is.EqualTo("got from the third\nover\n"));
    }

    [Test]
    public async Task Attach_Terminal_OwnerSetsItsSizeAndOthersDoNot()
    {
        await using var supervisor = await StartAsync(terminal: true, "sh", "-c", "while read line; do stty size; done");
        await using var owner = await supervisor.Gateway.AttachAsync(new ExecAttach { Cols = 100, Rows = 30 });
        Assert.That((await owner.ReadAttachedAsync()).Terminal, Is.True);
        await using var watcher = await supervisor.Gateway.AttachAsync(new ExecAttach { Cols = 10, Rows = 5 });
        await watcher.ReadAttachedAsync();
        await watcher.Channel.WriteAsync(ExecFrameType.Resize, new ExecResize { Cols = 11, Rows = 6 }, CancellationToken.None);
        await owner.WriteAsync("\n");
        await owner.ReadUntilAsync("30 100");
        await owner.Channel.WriteAsync(ExecFrameType.Resize, new ExecResize { Cols = 120, Rows = 40 }, CancellationToken.None);
        await owner.WriteAsync("\n");
        await owner.ReadUntilAsync("40 120");
        await owner.EndInputAsync();
        Assert.That((await owner.ReadToExitAsync()).Exit, Is.EqualTo(new ExecExit()));
    }

    [Test]
    public async Task Attach_ClientReadsNothing_ProcessAndOthersGoOnAndItIsTold()
    {
        await using var supervisor = await StartAsync(terminal: false, "sh", "-c", "read line; head -c 16000000 /dev/zero; echo done; read line");
        await using var owner = await supervisor.Gateway.AttachAsync(Any);
        await owner.ReadAttachedAsync();
        await using var stuck = await supervisor.Gateway.AttachAsync(ReadOnly);
        await stuck.ReadAttachedAsync();
        await owner.WriteAsync("\n");
        var seen = await owner.ReadUntilAsync("done");
        Assert.That(seen.Length, Is.EqualTo(16_000_005), "the owner paces the process, so it misses nothing");
        var told = await stuck.ReadToExitAsync();
        Assert.Multiple(() =>
        {
            Assert.That(told.Exit.Failure, Is.EqualTo(ExecFailure.SlowClient));
            Assert.That(told.Exit.Message, Does.Contain("more slowly"));
            Assert.That(told.OutputBytes.Length, Is.LessThan(16_000_000));
        });
    }

    [Test]
    public async Task Attach_OwnerReadsNothing_ProcessIsHeldForABoundedTimeOnly()
    {
        await using var supervisor = await StartAsync(terminal: false, "sh", "-c", "read line; head -c 16000000 /dev/zero; exit 3");
        await using var owner = await supervisor.Gateway.AttachAsync(Any);
        await owner.ReadAttachedAsync();
        await owner.WriteAsync("\n");
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        Assert.That((await supervisor.Gateway.Reports.Reader.ReadAsync(timeout.Token)).ExitCode, Is.EqualTo(3));
        Assert.That((await owner.ReadToExitAsync()).Exit.Failure, Is.EqualTo(ExecFailure.SlowClient));
    }

    [Test]
    public async Task Attach_LargeBinaryBothWays_ComesBackWhole()
    {
        var bytes = RandomNumberGenerator.GetBytes(16 * 1024 * 1024);
        await using var supervisor = await StartAsync(terminal: false, "cat");
        await using var owner = await supervisor.Gateway.AttachAsync(Any);
        await owner.ReadAttachedAsync();
        var sending = SendAsync(owner, bytes);
        var outcome = await owner.ReadToExitAsync();
        await sending;
        Assert.That(SHA256.HashData(outcome.OutputBytes), Is.EqualTo(SHA256.HashData(bytes)));
    }

    [Test]
    public async Task Attach_OwnersRelayIsClosed_ProcessRunsOn()
    {
        await using var supervisor = await StartAsync(terminal: true, "sh", "-c", "echo ready; read line; echo $line; exit 4");
        await using var call = await supervisor.Gateway.AttachAsync(Any);
        await call.ReadUntilAsync("ready");
        await supervisor.Gateway.Current!.SendAsync(new() { RelayClose = new() { ChannelId = call.ChannelId, Reason = "test" } });
        await using var next = await UntilOwnerAsync(supervisor);
        await next.WriteAsync("still here\n");
        var outcome = await next.ReadToExitAsync();
        Assert.That((outcome.Output, outcome.Exit.Code), Is.EqualTo(("ready\r\nstill here\r\nstill here\r\n", 4)));
    }

    private static Task<SupervisorProcess> StartAsync(bool terminal, params string[] command) =>
        SupervisorProcess.StartWithSessionAsync(config =>
        {
            config.Tty = terminal;
            config.Command.AddRange(command);
        });

    // The supervisor learns in its own time that the previous owner has gone.
    private static async Task<ExecCall> UntilOwnerAsync(SupervisorProcess supervisor)
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        while (!timeout.IsCancellationRequested)
        {
            var call = await supervisor.Gateway.AttachAsync(Any);
            if ((await call.ReadAttachedAsync()).InputOwner)
            {
                return call;
            }

            await call.DisposeAsync();
        }

        throw new TimeoutException("The input did not become free.");
    }

    private static async Task SendAsync(ExecCall call, byte[] bytes)
    {
        await call.Channel.WriteAsync(ExecFrameType.Stdin, bytes, CancellationToken.None);
        await call.EndInputAsync();
    }
}
