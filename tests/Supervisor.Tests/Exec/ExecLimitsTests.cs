using System.Globalization;
using System.Security.Cryptography;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>Much of everything, through a real supervisor that is PID 1 of its namespace.</summary>
public sealed class ExecLimitsTests : SupervisorTest
{
    private const int Kilobyte = 1024;

    [TestCase(1024, 5 * Kilobyte)]
    [TestCase(180, 32 * Kilobyte)]
    [TestCase(40, 128 * Kilobyte - 1)]
    public async Task Start_ArgumentsUpToWhatLinuxTakes_ArriveWhole(int count, int length)
    {
        var start = new ExecStart { Argv = { "sh", "-c", "echo $#; printf %s \"$@\" | wc -c", "sh" } };
        start.Argv.AddRange(Enumerable.Repeat(new string('a', length), count));
        await using var call = await Gateway.ExecAsync(start);
        var outcome = await call.ReadToExitAsync();
        Assert.That(outcome.Output, Is.EqualTo($"{count}\n{(long)count * length}\n"), outcome.Exit.Message);
    }

    [TestCase(1024, 32 * Kilobyte)]
    [TestCase(200, 32 * Kilobyte)]
    [TestCase(1, 128 * Kilobyte)]
    public async Task Start_ArgumentsBeyondWhatLinuxTakes_AreRefusedWithTheLimit(int count, int length)
    {
        var start = new ExecStart { Argv = { "true" } };
        start.Argv.AddRange(Enumerable.Repeat(new string('a', length), count));
        await using var call = await Gateway.ExecAsync(start);
        var exit = (await call.ReadToExitAsync()).Exit;
        Assert.Multiple(() =>
        {
            Assert.That(exit.Failure, Is.EqualTo(ExecFailure.NotExecutable));
            Assert.That(exit.Message, Does.Contain("Linux takes at most 6291456 bytes"));
        });
    }

    [Test]
    public async Task Start_LargeEnvironment_ArrivesWhole()
    {
        var start = new ExecStart { Argv = { "sh", "-c", "printf %s \"$V0$V1$V2$V3$V4$V5$V6$V7\" | wc -c" } };
        for (var i = 0; i < 8; i++)
        {
            start.Environment[$"V{i}"] = new string('v', 32 * Kilobyte);
        }

        await using var call = await Gateway.ExecAsync(start);
        Assert.That((await call.ReadToExitAsync()).Output.Trim(), Is.EqualTo("262144"));
    }

    [Test]
    public async Task Start_FewArguments_StackIsTheUsualOne()
    {
        var usual = await RunAsync("ulimit -s");
        var start = new ExecStart { Argv = { "sh", "-c", "ulimit -s", "sh" } };
        start.Argv.AddRange(Enumerable.Repeat(new string('a', 32 * Kilobyte), 150));
        await using var call = await Gateway.ExecAsync(start);
        var many = await call.ReadToExitAsync();
        Assert.That(many.Output, usual.Output.Trim() == "unlimited" ? Is.EqualTo(usual.Output) : Is.Not.EqualTo(usual.Output));
    }

    [Test]
    public async Task Start_NotAStartButSomethingElse_IsInvalid()
    {
        await using var call = await Gateway.OpenExecAsync();
        await call.Channel.WriteAsync(ExecFrameType.Resize, new ExecResize { Cols = 1 }, CancellationToken.None);
        Assert.That((await call.ReadToExitAsync()).Exit.Failure, Is.EqualTo(ExecFailure.Invalid));
    }

    [Test]
    public async Task Exec_SixtyFourMiBThroughCat_ComeBackWhole()
    {
        var bytes = RandomNumberGenerator.GetBytes(64 * Kilobyte * Kilobyte);
        await using var call = await Gateway.ExecAsync("cat");
        var sending = SendAsync(call, bytes);
        var outcome = await call.ReadToExitAsync();
        await sending;
        Assert.That((outcome.OutputBytes.Length, Convert.ToHexString(SHA256.HashData(outcome.OutputBytes))),
            Is.EqualTo((bytes.Length, Convert.ToHexString(SHA256.HashData(bytes)))));
    }

    [Test]
    public async Task Exec_FiveHundredAtOnce_AllRunWithoutAThreadEach()
    {
        const int count = 500;
        var calls = await Task.WhenAll(Enumerable.Range(0, count).Select(number =>
            Gateway.ExecAsync("sh", "-c", $"echo ready; read line; echo $line; exit {number % 200}")));
        try
        {
            await Task.WhenAll(calls.Select(call => call.ReadUntilAsync("ready")));
            var threads = await RunAsync("sed -n 's/^Threads:\\t//p' /proc/1/status");
            Assert.That(int.Parse(threads.Output, CultureInfo.InvariantCulture), Is.LessThan(100));
            var outcomes = await Task.WhenAll(calls.Select(async (call, number) =>
            {
                await call.WriteAsync($"line {number}\n");
                var outcome = await call.ReadToExitAsync();
                return outcome.Output.EndsWith($"line {number}\n", StringComparison.Ordinal) && outcome.Exit.Code == number % 200;
            }));
            Assert.That(outcomes.Count(right => right), Is.EqualTo(count));
        }
        finally
        {
            foreach (var call in calls)
            {
                await call.DisposeAsync();
            }
        }
    }

    [Test]
    public async Task Exec_AThousandInARow_LeaveNoZombieAndNoDescriptor()
    {
        async Task RunSomeAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                await using var call = await Gateway.ExecAsync("true");
                Assert.That((await call.ReadToExitAsync()).Exit, Is.EqualTo(new ExecExit()));
            }
        }

        await RunSomeAsync(20);
        var before = int.Parse((await RunAsync("ls /proc/1/fd | wc -l")).Output, CultureInfo.InvariantCulture);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => RunSomeAsync(100)));
        Assert.That((await RunAsync("grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l")).Output, Is.EqualTo("0\n"));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        // Relay connections that idle may still be open; a descriptor for each process would be a thousand.
        while (int.Parse((await RunAsync("ls /proc/1/fd | wc -l")).Output, CultureInfo.InvariantCulture) > before + 20)
        {
            Assert.That(clock.Elapsed, Is.LessThan(TestEngine.Timeout), "Descriptors were not closed.");
        }
    }

    [Test]
    public async Task Exec_CharactersSplitOverWrites_AreUntouched()
    {
        var outcome = await RunAsync("printf '\\303'; sleep 0.05; printf '\\244\\360\\237'; sleep 0.05; printf '\\231\\202\\377'");
        Assert.That(outcome.OutputBytes, Is.EqualTo(new byte[] { 0xC3, 0xA4, 0xF0, 0x9F, 0x99, 0x82, 0xFF }));
    }

    [Test]
    public async Task Exec_BothOutputsAtOnce_EachKeepsItsOrder()
    {
        var outcome = await RunAsync("seq 1 20000 & seq 20001 40000 >&2; wait");
        Assert.Multiple(() =>
        {
            Assert.That(outcome.Output == Lines(1, 20_000), Is.True, "stdout");
            Assert.That(outcome.Error == Lines(20_001, 20_000), Is.True, "stderr");
        });
    }

    [Test]
    public async Task Exec_OutputsAreClosedEarly_ExitIsStillTheProcessesOwn()
    {
        var outcome = await RunAsync("echo last; exec >&- 2>&-; read line; sleep 0.1; exit 9", end: true);
        Assert.That((outcome.Output, outcome.Exit.Code), Is.EqualTo(("last\n", 9)));
    }

    [Test]
    public async Task Exec_InputIsNeverRead_SignalsAndTimeLimitStillWork()
    {
        var start = new ExecStart { Argv = { "sleep", "231" }, TimeoutMs = 500 };
        await using var call = await Gateway.ExecAsync(start);
        var sending = SendAsync(call, new byte[8 * Kilobyte * Kilobyte]);
        Assert.That((await call.ReadToExitAsync()).Exit.TimedOut, Is.True);
        await sending.WaitAsync(TestEngine.Timeout);
    }

    [Test]
    public async Task Exec_InputIsNeverReadAndCallerGoes_GroupIsEnded()
    {
        var call = await Gateway.ExecAsync("sleep", "233");
        var sending = SendAsync(call, new byte[8 * Kilobyte * Kilobyte]);
        await UntilAsync("pgrep -xf 'sleep 233'", 0, "The process did not start.");
        call.Relay.Abort();
        await UntilAsync("pgrep -xf 'sleep 233'", 1, "The process was not ended.");
        Assert.That(await Task.WhenAny(sending, Task.Delay(TestEngine.Timeout)), Is.SameAs(sending));
        await call.DisposeAsync();
    }

    [Test]
    public async Task Exec_InputIsNeverReadAndRelayIsClosed_GroupIsEnded()
    {
        await using var call = await Gateway.ExecAsync("sleep", "232");
        var sending = SendAsync(call, new byte[8 * Kilobyte * Kilobyte]);
        await UntilAsync("pgrep -xf 'sleep 232'", 0, "The process did not start.");
        await Gateway.Current!.SendAsync(new() { RelayClose = new() { ChannelId = call.ChannelId, Reason = "test" } });
        await UntilAsync("pgrep -xf 'sleep 232'", 1, "The process was not ended.");
        try
        {
            await sending.WaitAsync(TestEngine.Timeout);
        }
        catch (IOException)
        {
            // The relay was closed in the middle of it.
        }
    }

    private static string Lines(int first, int count) =>
        string.Concat(Enumerable.Range(first, count).Select(number => $"{number}\n"));

    private static async Task SendAsync(ExecCall call, byte[] bytes)
    {
        await call.Channel.WriteAsync(ExecFrameType.Stdin, bytes, CancellationToken.None);
        await call.EndInputAsync();
    }

    private async Task UntilAsync(string command, int code, string whatDidNotHappen)
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        while ((await RunAsync($"{command} >/dev/null")).Exit.Code != code)
        {
            Assert.That(timeout.IsCancellationRequested, Is.False, whatDidNotHappen);
        }
    }
}
