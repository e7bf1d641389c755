using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class SandboxCreateTests : GatewayTestBase
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
    public async Task Create_Piped_PrintsHeaderOnOutAndStepsOnError()
    {
        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Out, Is.EqualTo("Created sandbox: alpha\n"));
        Assert.That(result.Error, Does.Match(@"\A\[\d+\.\ds\] Scheduled\n\[\d+\.\ds\] Starting VM\n\z"));
    }

    [Test]
    public async Task Create_Watch_AsksForStatusAndEventsOnly()
    {
        await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(Gateway.Request<WatchSandboxRequest>(), Is.EqualTo(
            new WatchSandboxRequest { Sandbox = "alpha", WorkspaceScope = FakeGateway.DefaultScope, FollowStatus = true, FollowEvents = true, EventTail = 50 }));
    }

    [Test]
    public async Task Create_AnotherSandboxOfThatName_IsNotTakenForIt()
    {
        Gateway.Watch = (_, events, _) =>
        {
            var another = WatchEvents.Snapshot("alpha", SandboxPhase.Ready);
            another.Sandbox.Metadata.Id = "id-another";
            return events.WriteAsync(another);
        };

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Error, Does.Contain("sandbox 'alpha' was deleted, and another one of that name was made"));
    }

    [Test]
    public async Task Create_DeletedMeanwhile_SaysSo()
    {
        Gateway.Watch = (_, _, _) =>
        {
            Gateway.Sandboxes.Clear();
            return Task.CompletedTask;
        };

        Assert.That(
            await Cli.RunAsync("sandbox", "create", "--name", "alpha"),
            Is.EqualTo(new CliResult(3, "Created sandbox: alpha\n", "error: sandbox 'alpha' was deleted\n")));
    }

    [Test]
    public async Task Create_Terminal_ShowsAChecklist()
    {
        Cli.ErrorIsTerminal = true;

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(result.Error, Does.Contain("✓").And.Contain("Starting VM").And.Contain("\e["));
    }

    [Test]
    public async Task Create_Json_PrintsTheReadySandboxAndNothingElse()
    {
        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", "-o", "json");

        Assert.That(JsonNode.Parse(result.Out)!["phase"]!.GetValue<string>(), Is.EqualTo("Ready"));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public async Task Create_NoWait_PrintsTheProvisioningSandbox()
    {
        var result = await Cli.RunAsync("sandbox", "create", "--no-wait", "-o", "yaml");

        Assert.That(result.Out, Does.Contain("name: brave-otter\n").And.Contain("phase: Provisioning\n"));
        Assert.That(Gateway.Requests.OfType<WatchSandboxRequest>(), Is.Empty);
    }

    [Test]
    public async Task Create_Options_AreSent()
    {
        await Cli.RunAsync(
            "sandbox", "create", "--no-wait", "--from", "debian", "--env", "A=1=2", "--env", "B=", "--label", "team=red",
            "--cpu", "2", "--memory", "512Mi", "--disk", "4Gi");

        var request = Gateway.Request<CreateSandboxRequest>();
        Assert.That(request.Spec.Template.Image, Is.EqualTo("debian"));
        Assert.That(request.Spec.Environment, Is.EquivalentTo(new Dictionary<string, string> { ["A"] = "1=2", ["B"] = "" }));
        Assert.That(request.Labels, Is.EquivalentTo(new Dictionary<string, string> { ["team"] = "red" }));
        Assert.That(request.Spec.Command, Is.Empty);
        var resources = JsonNode.Parse(request.Spec.Template.Resources.ToString())!;
        Assert.That(resources.ToJsonString(), Is.EqualTo(
            """{"requests":{"cpu":"2","memory":"512Mi"},"limits":{"cpu":"2","memory":"512Mi","ephemeral-storage":"4Gi"}}"""));
    }

    [Test]
    public async Task Create_EnvWithoutName_IsRefusedWithoutPrintingIt()
    {
        var result = await Cli.RunAsync("sandbox", "create", "--env", "=hunter2");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("--env number 1 is neither NAME=VALUE nor NAME").And.Not.Contain("hunter2"));
    }

    [Test]
    public async Task Create_ReadyBeforeAnythingElse_IsNotBelieved()
    {
        Gateway.PhaseOfCreated = SandboxPhase.Ready;
        Gateway.Watch = async (_, events, context) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Provisioning));
            await events.WriteAsync(WatchEvents.Progress("Started"));
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
        };

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Does.Contain("Started"));
    }

    [Test]
    public async Task Create_Error_EndsWithReasonAndMessage()
    {
        Gateway.Watch = (_, events, _) =>
            events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Error, "ProcessExited", "QEMU ended with 1\nlast line"));

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Is.EqualTo("error: sandbox 'alpha' failed: ProcessExited: QEMU ended with 1 last line\n"));
    }

    [Test]
    public async Task Create_WatchBreaks_IsFollowedAgainWithoutRepeatingSteps()
    {
        Gateway.Watch = async (attempt, events, _) =>
        {
            await events.WriteAsync(WatchEvents.Progress("Scheduled", timestamp: 1));
            if (attempt < 3)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "restarting"));
            }

            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Ready));
        };

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That(result.Error.Split("Scheduled"), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task Create_WatchEndsButSandboxIsReady_IsFoundByReading()
    {
        Gateway.Watch = (_, _, _) =>
        {
            Gateway.Sandboxes.Single().Status.Phase = SandboxPhase.Ready;
            return Task.CompletedTask;
        };

        Assert.That((await Cli.RunAsync("sandbox", "create", "--name", "alpha")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Create_NoProgress_IsGivenUpAndTheSandboxKept()
    {
        Cli.Environment["OPENSHELL_PROVISION_TIMEOUT"] = "1";
        Gateway.Watch = (_, _, context) => Task.Delay(Timeout.Infinite, context.CancellationToken);

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("no progress for 1 s").And.Contain("openshell sandbox get alpha"));
        Assert.That(Gateway.Sandboxes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Create_BadTimeout_CreatesNothing()
    {
        Cli.Environment["OPENSHELL_PROVISION_TIMEOUT"] = "soon";

        Assert.That((await Cli.RunAsync("sandbox", "create")).ExitCode, Is.EqualTo(2));
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Create_Interrupted_LeavesTheSandboxAndSaysSo()
    {
        Gateway.Watch = async (_, events, context) =>
        {
            await events.WriteAsync(WatchEvents.Progress("Scheduled"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
        };
        var run = Cli.RunAsync("sandbox", "create", "--name", "alpha");
        await Cli.Error.WaitForAsync("Scheduled", CliHarness.Limit);

        Cli.Signals.Raise(PosixSignal.SIGINT);
        var result = await run;

        Assert.That(result.ExitCode, Is.EqualTo(130));
        Assert.That(result.Error, Does.Contain("Sandbox alpha was left as it is"));
        Assert.That(Gateway.Sandboxes, Has.Count.EqualTo(1));
    }

    [TestCase("sandbox", "create", "--rm")]
    [TestCase("sandbox", "create", "--no-wait", "--", "true")]
    [TestCase("sandbox", "create", "-o", "json", "--", "true")]
    [TestCase("sandbox", "create", "-o", "xml")]
    [TestCase("sandbox", "create", "--rm", "--detach", "--", "true")]
    [TestCase("sandbox", "create", "--tty", "--no-tty", "--", "true")]
    [TestCase("sandbox", "create", "--upload", "/etc/hostname", "--", "true")]
    [TestCase("sandbox", "create", "--upload", "/no/such/file:there")]
    [TestCase("sandbox", "create", "--upload", "/etc/hostname:")]
    [TestCase("sandbox", "create", "--upload", "/etc/hostname", "--no-wait")]
    [TestCase("sandbox", "create", "--no-git-ignore")]
    [TestCase("sandbox", "create", "--no-keep", "--editor", "vscode")]
    [TestCase("sandbox", "create", "--no-keep", "--forward", "8080", "--", "true")]
    [TestCase("sandbox", "create", "--detach", "--editor", "cursor")]
    [TestCase("sandbox", "create", "--editor", "emacs")]
    [TestCase("sandbox", "create", "-o", "json", "--editor", "vscode")]
    [TestCase("sandbox", "create", "-o", "json", "--no-keep")]
    [TestCase("sandbox", "create", "-o", "json", "--forward", "8080")]
    [TestCase("sandbox", "create", "--forward", "nowhere")]
    [TestCase("sandbox", "create", "--restart-policy", "sometimes")]
    [TestCase("sandbox", "create", "--from", "rootfs.tar.gz")]
    [TestCase("sandbox", "create", "--from", "/etc")]
    public async Task Create_ContradictingOptions_AreRefusedBeforeAnythingIsCreated(params string[] args)
    {
        Assert.That((await Cli.RunAsync(args)).ExitCode, Is.EqualTo(args[^1].StartsWith("/no/", StringComparison.Ordinal) ? 3 : 2));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [TestCase("never", SandboxRestartPolicy.Never)]
    [TestCase("on-failure", SandboxRestartPolicy.OnFailure)]
    [TestCase("always", SandboxRestartPolicy.Always)]
    public async Task Create_RestartPolicy_IsSent(string word, SandboxRestartPolicy policy)
    {
        await Cli.RunAsync("sandbox", "create", "--no-wait", "--restart-policy", word);

        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.RestartPolicy, Is.EqualTo(policy));
    }

    [Test]
    public async Task Create_NoCommandAndNoTerminal_LeavesTheLoginShell()
    {
        await Cli.RunAsync("sandbox", "create", "--name", "alpha");

        Assert.That(Gateway.Request<CreateSandboxRequest>().AwaitMainProcessAttachment, Is.False);
        Assert.That(Gateway.Requests.OfType<ExecSandboxRequest>(), Is.Empty);
    }

    [Test]
    public async Task Create_MainProcessHasEndedWell_IsNoFailure()
    {
        Gateway.Watch = (_, events, _) => events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Completed));

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", "--detach", "-o", "json", "--", "true");

        Assert.That(result.ExitCode, Is.Zero, result.Error);
        Assert.That((string?)JsonNode.Parse(result.Out)!["phase"], Is.EqualTo("Completed"));
    }

    [Test]
    public async Task Create_Uploads_AreCopiedBeforeTheEnd()
    {
        var file = Cli.WriteFile("notes.txt", "hello");
        Gateway.Exec = (request, _, events, _) =>
            events.WriteAsync(ExecEvents.Exit(request.Command is ["mkdir", ..] || request.Subsystem.Length > 0 ? 1 : 0));

        var result = await Cli.RunAsync("sandbox", "create", "--name", "alpha", "--upload", $"{file}:/data/in");

        Assert.That(result.ExitCode, Is.EqualTo(1), "nothing there can take a file");
        var commands = Gateway.Requests.OfType<ExecSandboxRequest>().ToList();
        Assert.That(commands, Is.Not.Empty);
        Assert.That(commands.Any(request => request.Workdir == "/data/in" || request.Command.Contains("/data/in")), Is.True);
        Assert.That(Gateway.Sandboxes, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Create_EditorThatIsNotInstalled_CreatesNothing()
    {
        Cli.Environment["PATH"] = "/nowhere";

        var result = await Cli.RunAsync("sandbox", "create", "--editor", "vscode");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Error, Does.Contain("there is no 'code' in PATH"));
        Assert.That(Gateway.Requests, Is.Empty);
    }
}
