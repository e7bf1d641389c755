using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

/// <summary>What users of docker and kubectl type.</summary>
[TestFixture]
internal sealed class HabitsTests : GatewayTestBase
{
    [SetUp]
    public void AddSandbox() => Gateway.Add("alpha");

    [TestCase("exec alpha ls -la", "ls -la")]
    [TestCase("sandbox exec alpha ls -la", "ls -la")]
    [TestCase("exec alpha -- ls -la", "ls -la")]
    [TestCase("exec -n alpha ls -la", "ls -la")]
    [TestCase("exec --name=alpha ls -la", "ls -la")]
    [TestCase("exec -w /tmp alpha tar -x -f a -- b", "tar -x -f a -- b")]
    [TestCase("exec alpha -w /tmp tar -w", "tar -w")]
    [TestCase("exec -w/tmp alpha tar -w", "tar -w")]
    [TestCase("exec --no-tty alpha sh -c --help", "sh -c --help")]
    public async Task Exec_OptionsBehindTheCommand_AreItsOwn(string line, string command)
    {
        var result = await Cli.RunAsync(line.Split(' '));

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Gateway.Request<ExecSandboxRequest>().Command, Is.EqualTo(command.Split(' ')));
        Assert.That(Gateway.Request<ExecSandboxRequest>().Sandbox, Is.EqualTo("alpha"));
    }

    [TestCase("exec -it alpha sh")]
    [TestCase("exec -i -t alpha sh")]
    [TestCase("exec alpha -it sh")]
    [TestCase("exec -ti alpha -- sh")]
    public async Task Exec_InteractiveAndTty_GiveATerminal(string line)
    {
        Assert.That((await Cli.RunAsync(line.Split(' '))).ExitCode, Is.Zero);

        Assert.That(Gateway.Request<ExecSandboxRequest>().Tty, Is.True);
        Assert.That(Gateway.Request<ExecSandboxRequest>().Command, Is.EqualTo(["sh"]));
    }

    [Test]
    public async Task Exec_EnvironmentWithoutAValue_TakesTheCallers()
    {
        Cli.Environment["HERE"] = "a=b";
        Cli.Environment["EMPTY"] = "";

        await Cli.RunAsync("exec", "-e", "HERE", "-e", "NOT_SET", "-e", "EMPTY", "-e", "GIVEN=1", "alpha", "env");

        Assert.That(Gateway.Request<ExecSandboxRequest>().Environment, Is.EqualTo(
            new Dictionary<string, string> { ["HERE"] = "a=b", ["EMPTY"] = "", ["GIVEN"] = "1" }));
    }

    [Test]
    public async Task Exec_OptionsOfUpstream_AreSent()
    {
        await Cli.RunAsync("exec", "--no-login-shell", "--timeout", "0", "-u", "1000:1000", "--workdir", "/srv", "alpha", "true");

        Assert.That(Gateway.Request<ExecSandboxRequest>(), Is.EqualTo(new ExecSandboxRequest
        {
            Sandbox = "alpha",
            WorkspaceScope = FakeGateway.DefaultScope,
            Command = { "true" },
            NoLoginShell = true,
            User = "1000:1000",
            Workdir = "/srv",
        }));
    }

    [Test]
    public async Task Exec_NoSandbox_UsesTheLastOneAndSaysSo()
    {
        await Cli.RunAsync("exec", "alpha", "true");

        var result = await Cli.RunAsync("exec", "--", "ls", "-l");

        Assert.That(result.Error, Is.EqualTo("→ Using sandbox 'alpha' (last used)\n"));
        Assert.That(Gateway.Request<ExecSandboxRequest>().Command, Is.EqualTo(["ls", "-l"]));
    }

    [TestCase("exec -e =x alpha env", "--env number 1 is neither NAME=VALUE nor NAME")]
    [TestCase("exec --no-stdin -i alpha cat", "--no-stdin excludes --tty and --interactive")]
    [TestCase("exec -d -i alpha cat", "--detach and --interactive exclude each other")]
    [TestCase("exec alpha", "give a command: openshell sandbox exec alpha CMD…")]
    public async Task Exec_WrongOptions_AreExplained(string line, string explanation)
    {
        var result = await Cli.RunAsync(line.Split(' '));

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(explanation));
        Assert.That(Gateway.Requests.OfType<ExecSandboxRequest>(), Is.Empty);
    }

    [TestCase("ps")]
    [TestCase("ls")]
    public async Task Ps_IsTheList(string word) =>
        Assert.That(await Cli.RunAsync(word), Is.EqualTo(await Cli.RunAsync("sandbox", "list")));

    [Test]
    public async Task Ps_OptionsAndErrors_AreThoseOfTheList()
    {
        Assert.That((await Cli.RunAsync("ps", "--names")).Out, Is.EqualTo("alpha\n"));

        var wrong = await Cli.RunAsync("ps", "--names", "--ids");
        Assert.That((wrong.ExitCode, wrong.Error), Is.EqualTo((2, "error: --names and --ids exclude each other\nUsage: openshell ps [OPTIONS]\nHelp:  openshell ps --help\n")));
    }

    [Test]
    public async Task Rm_Deletes()
    {
        Assert.That((await Cli.RunAsync("rm", "alpha")).ExitCode, Is.Zero);

        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Inspect_IsGetAsJson() =>
        Assert.That(await Cli.RunAsync("inspect", "alpha"), Is.EqualTo(await Cli.RunAsync("sandbox", "get", "alpha", "-o", "json")));

    [Test]
    public async Task Restart_StopsThenStarts()
    {
        var result = await Cli.RunAsync("restart", "--force", "alpha");

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "✓ Restarted sandbox alpha\n")));
        Assert.That(
            Gateway.Requests.Select(request => request.GetType()), Is.EqualTo(new[] { typeof(StopSandboxRequest), typeof(StartSandboxRequest) }));
        Assert.That(Gateway.Request<StopSandboxRequest>().Force, Is.True);
    }

    [Test]
    public async Task Wait_MainProcessEnds_PrintsItsCodeAndEndsWithIt()
    {
        Gateway.Watch = async (number, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
            if (number == 1)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the gateway is shutting down"));
            }

            var again = WatchEvents.Exited("alpha", 9);
            again.Sandbox.Status.NextRestartTime = new Timestamp { Seconds = 1 };
            await events.WriteAsync(again);
            await events.WriteAsync(WatchEvents.Exited("alpha", 3));
        };

        Assert.That(await Cli.RunAsync("wait", "alpha"), Is.EqualTo(new CliResult(3, "3\n", "")));
    }

    [TestCase(SandboxPhase.Completed, "MainProcessCompleted", 0)]
    [TestCase(SandboxPhase.Error, "MachineEnded", null)]
    public async Task Wait_ToBeStartedAgain_WaitsOn(SandboxPhase phase, string reason, int? code)
    {
        Gateway.Watch = async (_, events, _) =>
        {
            var again = WatchEvents.Snapshot("alpha", phase, reason, "");
            again.Sandbox.Status.NextRestartTime = new Timestamp { Seconds = 1 };
            if (code is { } ended)
            {
                again.Sandbox.Status.ExitCode = ended;
            }

            await events.WriteAsync(again);
            await events.WriteAsync(WatchEvents.Exited("alpha", 3));
        };

        Assert.That(await Cli.RunAsync("wait", "alpha"), Is.EqualTo(new CliResult(3, "3\n", "")));
    }

    [Test]
    public async Task Wait_OtherErrorWithTheCodeOfTheRunBefore_IsNoCode()
    {
        var late = WatchEvents.Snapshot("alpha", SandboxPhase.Error, "ProvisioningTimeout", "");
        late.Sandbox.Status.ExitCode = 7;
        Gateway.Watch = (_, events, _) => events.WriteAsync(late);

        var result = await Cli.RunAsync("wait", "alpha");

        Assert.That(
            (result.ExitCode, result.Error),
            Is.EqualTo((1, "error: sandbox 'alpha' failed (ProvisioningTimeout); its main process has no exit code\n")));
    }

    [Test]
    public async Task Wait_EndedAlready_DoesNotWait()
    {
        Gateway.Sandboxes[0].Status.Phase = SandboxPhase.Completed;
        Gateway.Sandboxes[0].Status.ExitCode = 0;

        Assert.That(await Cli.RunAsync("sandbox", "wait", "alpha"), Is.EqualTo(new CliResult(0, "0\n", "")));
    }

    [Test]
    public async Task Wait_NoCodeToHave_SaysWhy()
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Error, "DriverFailed", "no disk"));
        var failed = await Cli.RunAsync("wait", "alpha");
        Gateway.Watch = (_, _, _) => Task.CompletedTask;
        var deleted = await Cli.RunAsync("wait", "alpha");

        Assert.That((failed.ExitCode, failed.Error), Is.EqualTo((1, "error: sandbox 'alpha' failed (DriverFailed); its main process has no exit code\n")));
        Assert.That(
            (deleted.ExitCode, deleted.Error), Is.EqualTo((3, "error: sandbox 'alpha' was deleted before its main process had ended\n")));
    }

    [TestCase("run -d --name job -e A=1 --env=B=-x --cpu 2 tiny ./job.sh --fast -v", "./job.sh --fast -v")]
    [TestCase("--workspace default run -d --name=job -e A=1 -e B=-x tiny -- ./job.sh --fast -v", "./job.sh --fast -v")]
    [TestCase("run -d --name job -e A=1 -e B=-x tiny", "")]
    public async Task Run_IsCreateOfAnImage(string line, string command)
    {
        Gateway.PhaseOfCreated = SandboxPhase.Provisioning;
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Snapshot("job", SandboxPhase.Ready));

        var result = await Cli.RunAsync(line.Split(' '));

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        var request = Gateway.Request<CreateSandboxRequest>();
        Assert.That((request.Name, request.Spec.Template.Image), Is.EqualTo(("job", "tiny")));
        Assert.That(request.Spec.Command, Is.EqualTo(command.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.That(request.Spec.Environment, Is.EqualTo(new Dictionary<string, string> { ["A"] = "1", ["B"] = "-x" }));
    }

    [Test]
    public async Task Run_InForeground_IsAttachedAndRemovedAfterwards()
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Snapshot("brave-otter", SandboxPhase.Ready));
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Attached());
            await events.WriteAsync(ExecEvents.Stdout("out\n"));
            await events.WriteAsync(ExecEvents.Exit(4));
        };

        var result = await Cli.RunAsync("run", "--rm", "-it", "tiny", "sh", "-c", "exit 4");

        Assert.That((result.ExitCode, result.Out), Is.EqualTo((4, "Created sandbox: brave-otter\nout\n")), result.Error);
        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Command, Is.EqualTo(["sh", "-c", "exit 4"]));
        Assert.That(Gateway.Sandboxes.Select(sandbox => sandbox.Metadata.Name), Is.EqualTo(["alpha"]));
    }

    [TestCase("run", "required argument 'IMAGE' missing")]
    [TestCase("run --rm -d tiny true", "--no-keep and --detach exclude each other")]
    [TestCase("cp a b", "one of the two paths is in a sandbox")]
    [TestCase("cp alpha:a alpha:b", "one of the two paths is in a sandbox")]
    [TestCase("cp - alpha:/", "streams of tar are not copied")]
    public async Task Run_WrongCommandLine_IsExplained(string line, string explanation)
    {
        var result = await Cli.RunAsync(line.Split(' '));

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(explanation));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [TestCase("box:/path", "box", "/path")]
    [TestCase("box:", "box", "")]
    [TestCase("./a:b", null, "./a:b")]
    [TestCase("/a:b", null, "/a:b")]
    [TestCase("dir/a:b", null, "dir/a:b")]
    [TestCase("a", null, "a")]
    public void CopyPath_Text_IsReadAsDockerDoes(string text, string? sandbox, string path) =>
        Assert.That(Commands.Sandboxes.CopyPath.Parse(text), Is.EqualTo(new Commands.Sandboxes.CopyPath(sandbox, path)));
}
