using System.Diagnostics;
using OpenShell.Protocol.Exec;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Supervisor.Tests.Fakes;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>Processes through a real supervisor, which is PID 1 of its namespace and leaves no zombie.</summary>
public abstract class ExecTestBase : SupervisorTest
{
    private protected override void Configure(GuestConfig config) => config.Environment["FROM_SANDBOX"] = "yes";

    [TearDown]
    public async Task NoZombieIsLeft()
    {
        await using var call = await Gateway.ExecAsync("sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l");
        var outcome = await call.ReadToExitAsync();
        Assert.That(outcome.Output.Trim(), Is.EqualTo("0"), "zombies");
    }

    private protected static ExecStart Start(params string[] argv)
    {
        var start = new ExecStart();
        start.Argv.AddRange(argv);
        return start;
    }

    private protected static async Task SendAsync(ExecCall call, byte[] bytes)
    {
        await call.Channel.WriteAsync(ExecFrameType.Stdin, bytes, CancellationToken.None);
        await call.EndInputAsync();
    }

    private protected async Task<ExecOutcome> RunAsync(params string[] argv)
    {
        await using var call = await Gateway.ExecAsync(argv);
        return await call.ReadToExitAsync();
    }

    private protected Task UntilEndedAsync(string pattern) => UntilAsync(pattern, "1", "still runs");

    private protected Task UntilRunningAsync(string pattern) => UntilAsync(pattern, "0", "does not run");

    private async Task UntilAsync(string pattern, string wanted, string problem)
    {
        var clock = Stopwatch.StartNew();
        while ((await RunAsync("sh", "-c", $"pgrep -xf '{pattern}' >/dev/null; echo $?")).Output.Trim() != wanted)
        {
            Assert.That(clock.Elapsed, Is.LessThan(TestEngine.Timeout), $"'{pattern}' {problem}");
        }
    }
}
