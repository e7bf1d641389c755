using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Tests.Exec;

/// <summary>Processes that outlive their relay.</summary>
public sealed class DetachedTests : SupervisorTest
{
    [Test]
    public async Task Detached_RelayEnds_ProcessRunsOnWithNothingOnItsDescriptors()
    {
        await using var call = await Gateway.ExecAsync(Detached("sh", "-c", "read line; sleep 211 & wait"));
        var outcome = await call.ReadToExitAsync();
        await call.DisposeAsync();
        Assert.That((outcome.Exit, outcome.Pid > 0), Is.EqualTo((new ExecExit(), true)));
        await UntilAsync("pgrep -xf 'sleep 211'", 0, "The process did not get beyond its end of input.");
        var descriptors = await RunAsync($"readlink /proc/{outcome.Pid}/fd/0 /proc/{outcome.Pid}/fd/1 /proc/{outcome.Pid}/fd/2; ls /proc/{outcome.Pid}/fd | wc -l");
        Assert.That(descriptors.Output, Is.EqualTo("/dev/null\n/dev/null\n/dev/null\n3\n"));
        await RunAsync("pkill -xf 'sleep 211'");
        await UntilAsync($"test -d /proc/{outcome.Pid}", 1, "The process was not reaped.");
    }

    [Test]
    public async Task Detached_TimeIsUp_GroupIsTerminated()
    {
        var start = Detached("sleep", "212");
        start.TimeoutMs = 200;
        await using var call = await Gateway.ExecAsync(start);
        Assert.That((await call.ReadToExitAsync()).Exit, Is.EqualTo(new ExecExit()));
        await UntilAsync("pgrep -xf 'sleep 212'", 1, "The process outlived its time limit.");
    }

    [Test]
    public async Task Detached_ProgramIsMissing_TheReasonIsReported()
    {
        await using var call = await Gateway.ExecAsync(Detached("no-such-program"));
        Assert.That((await call.ReadToExitAsync()).Exit.Failure, Is.EqualTo(ExecFailure.NotFound));
    }

    private static ExecStart Detached(params string[] argv) => new() { Argv = { argv }, Detached = true };

    private async Task UntilAsync(string command, int code, string whatDidNotHappen)
    {
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        while ((await RunAsync($"{command} >/dev/null")).Exit.Code != code)
        {
            Assert.That(timeout.IsCancellationRequested, Is.False, whatDidNotHappen);
        }
    }
}
