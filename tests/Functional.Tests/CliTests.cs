using System.Security.Cryptography;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The real command line, gateway and supervisor: what a user does in a script.</summary>
public sealed class CliTests : FunctionalTest
{
    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    [TestCase("kill -TERM $$", 143)]
    public async Task Create_Command_PrintsItsOutputAndEndsWithItsCode(string end, int code)
    {
        var outcome = await RunAsync([], "sandbox", "create", "--name", "box", "--", "/bin/sh", "-c", $"echo out; echo err >&2; {end}");

        Assert.That(outcome.ExitCode, Is.EqualTo(code), outcome.Error);
        Assert.That(outcome.Text, Is.EqualTo("Created sandbox: box\nout\n"));
        Assert.That(outcome.Error, Does.Contain("err\n"));
    }

    [Test]
    public async Task Create_Remove_PassesTheCodeAndLeavesNothing()
    {
        var outcome = await RunAsync([], "sandbox", "create", "--rm", "--", "/bin/sh", "-c", "exit 9");

        Assert.That(outcome.ExitCode, Is.EqualTo(9), outcome.Error);
        await Eventually.BecomesTrueAsync(
            async () => (await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes.Count == 0, () => "the sandbox is gone");
    }

    [Test]
    public async Task Create_CommandNotFound_127AndSaysSo()
    {
        var outcome = await RunAsync([], "sandbox", "create", "--", "no-such-program");

        Assert.That(outcome.ExitCode, Is.EqualTo(127), outcome.Error);
        Assert.That(outcome.Error, Does.Contain("no-such-program"));
    }

    [Test]
    public async Task Create_PipedInput_ReachesTheMainProcess()
    {
        var outcome = await RunAsync("piped"u8.ToArray(), "sandbox", "create", "--", "/bin/sh", "-c", "cat; exit 4");

        Assert.That((outcome.ExitCode, outcome.Text.Split('\n')[^1]), Is.EqualTo((4, "piped")), outcome.Error);
    }

    [Test]
    public async Task Create_Detach_AttachLater_GetsOutputAndCode()
    {
        var created = await RunAsync([], "sandbox", "create", "--name", "box", "--detach", "--", "/bin/sh", "-c", "echo early; read line; echo \"got $line\"; exit 6");
        Assert.That(created.ExitCode, Is.Zero, created.Error);

        var attached = await RunAsync("hello\n"u8.ToArray(), "sandbox", "attach", "box");

        Assert.That((attached.ExitCode, attached.Text), Is.EqualTo((6, "early\ngot hello\n")), attached.Error);
    }

    [Test]
    public async Task Exec_SixtyFourMebibytesThroughCat_ComeBackWhole()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var sent = RandomNumberGenerator.GetBytes(64 * 1024 * 1024);

        var outcome = await RunAsync(sent, "sandbox", "exec", sandbox.Metadata.Name, "--", "cat");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(SHA256.HashData(outcome.Out), Is.EqualTo(SHA256.HashData(sent)));
    }

    [Test]
    public async Task Exec_InputNeverEnds_DoesNotDelayTheExit()
    {
        var sandbox = await Gateway.CreateReadyAsync();

        var outcome = await RunAsync(null, "sandbox", "exec", sandbox.Metadata.Name, "--", "/bin/sh", "-c", "exit 3");

        Assert.That(outcome.ExitCode, Is.EqualTo(3), outcome.Error);
    }

    [Test]
    public async Task Exec_Detach_PrintsAPidThatRuns()
    {
        var sandbox = await Gateway.CreateReadyAsync();

        var outcome = await RunAsync(null, "sandbox", "exec", "--detach", sandbox.Metadata.Name, "--", "sleep", "1000");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        var comm = await RunAsync([], "sandbox", "exec", sandbox.Metadata.Name, "--", "cat", $"/proc/{outcome.Text.Trim()}/comm");
        Assert.That(comm.Text, Is.EqualTo("sleep\n"), comm.Error);
    }

    [Test]
    public async Task Exec_SupervisorDies_255AndSaysSo()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var running = RunAsync(null, "sandbox", "exec", sandbox.Metadata.Name, "--", "sleep", "1000");
        var machine = Driver.Service.Machine(sandbox.Metadata.Id);
        await Eventually.BecomesTrueAsync(() => machine.Children.Count == 1, "sleep runs");

        machine.Kill();

        var outcome = await running;
        Assert.That(outcome.ExitCode, Is.EqualTo(255));
        Assert.That(outcome.Error, Does.Contain("the connection was lost"));
    }

    private Task<CliOutcome> RunAsync(byte[]? input, params string[] arguments) => CliProcess.RunAsync(Gateway, Directory, input, arguments);
}
