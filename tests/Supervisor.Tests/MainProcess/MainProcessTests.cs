using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Supervisor.Tests.MainProcess;

public sealed class MainProcessTests
{
    [TestCase("exit 0", 0)]
    [TestCase("exit 3", 3)]
    [TestCase("kill -9 $$", 137)]
    public async Task MainProcess_Ends_ItsCodeIsReportedOnceWithItsBoot(string script, int code)
    {
        await using var supervisor = await SupervisorProcess.StartAsync(config => config.Command.AddRange(["sh", "-c", script]));
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        var report = await supervisor.Gateway.Reports.Reader.ReadAsync(timeout.Token);
        Assert.That((report.SandboxId, report.InstanceId, report.ExitCode), Is.EqualTo(("sandbox-1", "boot-1", code)));
    }

    // Whoever learns of the end, finds what was said before it.
    [Test]
    public async Task MainProcess_Ends_ItsLastLinesAreWithTheGatewayBeforeTheReport()
    {
        var main = new List<string>();
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync(config => config.Command.AddRange(["sh", "-c", "sleep 1; echo hello; printf end; exit 3"]));
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        await supervisor.Gateway.Reports.Reader.ReadAsync(timeout.Token);
        main.AddRange(supervisor.Gateway.Pushes.SelectMany(p => p.Logs).Where(l => l.Source == "main").Select(l => l.Message));
        Assert.That(main, Is.EqualTo(new[] { "hello", "end" }));
    }

    [Test]
    public async Task MainProcess_CreatorIsAwaited_BeginsInTheSizeOfHisWindow()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync(config =>
        {
            config.AwaitMainProcessAttachment = true;
            config.Tty = true;
            config.Command.AddRange(["stty", "size"]);
        });
        await using var call = await supervisor.Gateway.AttachAsync(new ExecAttach { Cols = 123, Rows = 45 });
        Assert.That((await call.ReadToExitAsync()).Output, Is.EqualTo("45 123\r\n"));
    }

    [Test]
    public async Task MainProcess_EndsBeforeTheCreatorCame_IsFinalOnceHeHasSeenItsOutput()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync(config =>
        {
            config.AwaitMainProcessAttachment = true;
            config.Command.AddRange(["sh", "-c", "echo said; exit 3"]);
        });
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        await supervisor.Gateway.Reports.Reader.ReadAsync(timeout.Token);
        await using var call = await supervisor.Gateway.AttachAsync(new ExecAttach());
        Assert.That(supervisor.Gateway.Finals.Reader.TryPeek(out _), Is.False);
        Assert.That((await call.ReadToExitAsync()).Output, Is.EqualTo("said\n"));
        var final = await supervisor.Gateway.Finals.Reader.ReadAsync(timeout.Token);
        Assert.That((final.SandboxId, final.InstanceId), Is.EqualTo(("sandbox-1", "boot-1")));
    }

    [Test]
    public async Task MainProcess_EndsAndNobodyIsAwaited_IsFinalAtOnce()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(config => config.Command.Add("true"));
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        await supervisor.Gateway.Finals.Reader.ReadAsync(timeout.Token);
        Assert.That(supervisor.Gateway.Reports.Reader.TryRead(out _), Is.True, "the report comes first");
    }

    [Test]
    public async Task MainProcess_CannotStart_IsReportedAsAShellWould()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(config => config.Command.Add("no-such-program"));
        using var timeout = new CancellationTokenSource(TestEngine.Timeout);
        Assert.That((await supervisor.Gateway.Reports.Reader.ReadAsync(timeout.Token)).ExitCode, Is.EqualTo(127));
    }

    [Test]
    public async Task MainProcess_OnTerminal_SandboxIsUsableMeanwhile()
    {
        await using var supervisor = await SupervisorProcess.StartWithSessionAsync(config =>
        {
            config.Tty = true;
            config.Command.AddRange(["sh", "-c", "tty; sleep 1000"]);
        });
        await using var call = await supervisor.Gateway.ExecAsync("pgrep", "-xf", "sleep 1000");
        Assert.That((await call.ReadToExitAsync()).Exit.Code, Is.Zero);
    }
}
