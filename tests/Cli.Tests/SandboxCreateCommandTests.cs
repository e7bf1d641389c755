using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class SandboxCreateCommandTests : GatewayTestBase
{
    [SetUp]
    public void BecomeReady() => Gateway.Watch = async (_, events, _) =>
    {
        await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Provisioning));
        await events.WriteAsync(WatchEvents.Progress("Scheduled", timestamp: 1));
        await events.WriteAsync(WatchEvents.Progress("Started", "Starting VM", timestamp: 2));
        await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
    };

    [Test]
    public async Task Create_WithCommand_IsItsMainProcessAndPassesItsExitCode()
    {
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Attached());
            await events.WriteAsync(ExecEvents.Stdout("smoke-ok\n"));
            await events.WriteAsync(ExecEvents.Exit(7));
        };

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", "--", "echo", "-n", "smoke-ok");

        Assert.That(result.ExitCode, Is.EqualTo(7), result.Error);
        Assert.That(result.Out, Is.EqualTo("Created sandbox: alpha\nsmoke-ok\n"));
        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Command, Is.EqualTo(["echo", "-n", "smoke-ok"]));
        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Tty, Is.False);
        Assert.That(Gateway.Request<CreateSandboxRequest>().AwaitMainProcessAttachment, Is.True);
        Assert.That(
            Gateway.Request<ExecSandboxRequest>(), Is.EqualTo(new ExecSandboxRequest { Sandbox = "alpha", WorkspaceScope = FakeGateway.DefaultScope, Attach = new MainProcessAttach() }));
        Assert.That(Gateway.Sandboxes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Create_CommandFailsBeforeTheAttach_ItsOutputAndExitCodeAreStillTold()
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Exited("alpha", 3));
        Gateway.Exec = async (_, _, events, _) =>
        {
            await events.WriteAsync(ExecEvents.Attached());
            await events.WriteAsync(ExecEvents.Stdout("what it said\n"));
            await events.WriteAsync(ExecEvents.Exit(3));
        };

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", "--", "false");

        Assert.That(result, Is.EqualTo(new CliResult(3, "Created sandbox: alpha\nwhat it said\n", "")));
    }

    [Test]
    public async Task Create_CommandFailsAndCannotBeAttachedTo_PassesTheExitCodeThatTheGatewayKnows()
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Exited("alpha", 3));
        Gateway.Exec = (_, _, _, _) =>
        {
            Gateway.Sandboxes.Single().Status.ExitCode = 3;
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "sandbox is not ready (phase Error)"));
        };

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", "--", "false");

        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Error, Does.Contain("has ended; its output cannot be read: sandbox is not ready"));
    }

    [TestCase("--detach")]
    [TestCase("-d")]
    [TestCase("--no-attach")]
    public async Task Create_Detach_LeavesTheCommandToItself(string option)
    {
        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", option, "-o", "json", "--", "sleep", "1000");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Command, Is.EqualTo(["sleep", "1000"]));
        Assert.That(Gateway.Requests.OfType<ExecSandboxRequest>(), Is.Empty);
    }

    [Test]
    public async Task Create_DetachAndTty_GivesTheCommandATerminalForLater()
    {
        await Cli.RunAsync("sandbox", "create", "--detach", "--no-wait", "--tty", "--", "bash");

        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Tty, Is.True);
        Assert.That(Gateway.Requests.OfType<WatchSandboxRequest>(), Is.Empty);
    }

    [Test]
    public async Task Create_DetachAndTheCommandFails_IsAnError()
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Exited("alpha", 3));

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", "--detach", "--", "false");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("MainProcessFailed"));
    }

    [Test]
    public async Task Create_CommandAndRemove_PassesTheCodeAndDeletes()
    {
        Gateway.Exec = (_, _, events, _) => events.WriteAsync(ExecEvents.Exit(42));

        Assert.That((await Cli.RunAsync("sandbox", "create", "--name", "alpha", "--rm", "--", "sh")).ExitCode, Is.EqualTo(42));
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    [TestCase("--rm")]
    [TestCase("--no-keep")]
    public async Task Create_WithCommandAndRemove_DeletesItAfterwards(string option)
    {
        Assert.That((await Cli.RunAsync("sandbox", "create", "--name", "alpha", option, "--", "true")).ExitCode, Is.Zero);
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Create_RemoveAndError_DeletesItToo()
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Snapshot("brave-otter", SandboxPhase.Error, "Broken", "so"));

        Assert.That((await Cli.RunAsync("sandbox", "create", "--rm", "--", "true")).ExitCode, Is.EqualTo(1));
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }
}
