using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

/// <summary>list, get, delete, stop, start.</summary>
[TestFixture]
internal sealed class SandboxQueryTests : GatewayTestBase
{
    [Test]
    public async Task List_None_SaysSo()
    {
        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.Out, Is.EqualTo("No sandboxes found.\n"));
        Assert.That((await Cli.RunAsync("sandbox", "list", "--names")).Out, Is.Empty);
        Assert.That((await Cli.RunAsync("sandbox", "list", "-o", "json")).Out, Is.EqualTo("[]\n"));
    }

    [Test]
    public async Task List_Table_HasARowForEach()
    {
        Gateway.Add("alpha").Metadata.CreatedTime = Ago(TimeSpan.FromMinutes(90.5));
        var failed = Gateway.Add("a-much-longer-name", SandboxPhase.Error);
        failed.Metadata.CreatedTime = Ago(TimeSpan.FromDays(3.5));
        failed.Spec.Command.Add(["sh", "-c", "sleep 1000; echo a command that is too long for a table"]);
        (failed.Status.ExitCode, failed.Status.RestartCount) = (3, 4);
        failed.Status.Conditions.Add(new SandboxCondition { Type = "Ready", Status = "False", Reason = "MainProcessFailed", Message = "so" });
        Gateway.Add("done", SandboxPhase.Completed).Metadata.CreatedTime = Ago(TimeSpan.FromHours(-1));

        var result = await Cli.RunAsync("sb", "list");

        Assert.That(result.Out, Is.EqualTo(
            "NAME                PHASE      AGE  RESTARTS  IMAGE  COMMAND                                   REASON\n" +
            "alpha               Ready      1h   0         tiny   -\n" +
            "a-much-longer-name  Error      3d   4         tiny   sh -c sleep 1000; echo a command that i…  MainProcessFailed (3)\n" +
            "done                Completed  0s   0         tiny   -\n"));
    }

    [Test]
    public async Task List_AllWorkspaces_NamesThem()
    {
        Gateway.Add("alpha").Metadata.CreatedTime = null;

        Assert.That((await Cli.RunAsync("sandbox", "list", "--all-workspaces")).Out, Is.EqualTo(
            "NAME   WORKSPACE  PHASE  AGE  RESTARTS  IMAGE  COMMAND  REASON\nalpha  default    Ready  -    0         tiny   -\n"));
    }

    [Test]
    public async Task List_Watch_PrintsWhatChanges()
    {
        var sandbox = Gateway.Add("alpha", SandboxPhase.Starting);
        sandbox.Metadata.CreatedTime = null;
        var watch = Cli.RunAsync("sandbox", "list", "-w");
        await Cli.Out.WaitForAsync("Starting", CliHarness.Limit);
        Gateway.Sandboxes[0] = new Sandbox(sandbox) { Status = new SandboxStatus { Phase = SandboxPhase.Ready } };
        await Cli.Out.WaitForAsync("Ready", CliHarness.Limit);
        Gateway.Sandboxes.Clear();
        await Cli.Out.WaitForAsync("Deleted", CliHarness.Limit);
        Cli.Signals.Raise(System.Runtime.InteropServices.PosixSignal.SIGINT);

        Assert.That(await watch, Is.EqualTo(new CliResult(
            130,
            "NAME   PHASE     AGE  RESTARTS  IMAGE  COMMAND  REASON\n" +
            "alpha  Starting  -    0         tiny   -\n" +
            "alpha  Ready  -    0         tiny   -\n" +
            "alpha  Deleted  -    0         tiny   -\n",
            "")));
    }

    [Test]
    public async Task List_WatchJson_IsOneDocumentPerLine()
    {
        Gateway.Add("alpha");
        var watch = Cli.RunAsync("sandbox", "list", "--watch", "-o", "json");
        await Cli.Out.WaitForAsync("\n", CliHarness.Limit);
        Gateway.Sandboxes.Clear();
        await Cli.Out.WaitForAsync("Deleted", CliHarness.Limit);
        Cli.Signals.Raise(System.Runtime.InteropServices.PosixSignal.SIGINT);

        var lines = (await watch).Out.TrimEnd().Split('\n').Select(line => (string?)JsonNode.Parse(line)!["phase"]);
        Assert.That(lines, Is.EqualTo(["Ready", "Deleted"]));
    }

    [Test]
    public async Task List_WatchOnATerminal_DrawsTheTableAnew()
    {
        Cli.OutIsTerminal = true;
        Gateway.Add("alpha");
        var watch = Cli.RunAsync("sandbox", "list", "-w");
        await Cli.Out.WaitForAsync("alpha", CliHarness.Limit);
        Gateway.Sandboxes.Clear();
        await Cli.Out.WaitForAsync("\e[H\e[2JNo sandboxes found.\n", CliHarness.Limit);
        Cli.Signals.Raise(System.Runtime.InteropServices.PosixSignal.SIGINT);

        Assert.That((await watch).Out, Does.StartWith("\e[H\e[2J\e[1mNAME"));
    }

    [TestCase("--names")]
    [TestCase("--page-size", "3")]
    [TestCase("-o", "yaml")]
    public async Task List_WatchWithWhatItCannot_IsAUsageError(params string[] options) =>
        Assert.That((await Cli.RunAsync(["sandbox", "list", "-w", .. options])).ExitCode, Is.EqualTo(2));

    [Test]
    public async Task List_NamesAndIds_ArePrintedOnePerLine()
    {
        Gateway.Add("alpha");
        Gateway.Add("beta");

        Assert.That((await Cli.RunAsync("sandbox", "list", "--names")).Out, Is.EqualTo("alpha\nbeta\n"));
        Assert.That((await Cli.RunAsync("sandbox", "list", "--ids")).Out, Is.EqualTo("id-alpha\nid-beta\n"));
        Assert.That((await Cli.RunAsync("sandbox", "list", "--ids", "--names")).ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task List_Json_HasEveryField()
    {
        Gateway.Add("alpha").Metadata.Labels["team"] = "red";

        var first = JsonNode.Parse((await Cli.RunAsync("sandbox", "list", "-o", "json")).Out)!.AsArray().Single()!;

        Assert.That(first.ToJsonString(), Is.EqualTo(
            """{"id":"id-alpha","name":"alpha","workspace":"default","labels":{"team":"red"},"annotations":{},"resource_version":7,"created_at":"2023-11-14T22:13:20Z","phase":"Ready","reason":"","current_policy_version":0,"image":"tiny","command":[],"restart_count":0}"""));
    }

    [Test]
    public async Task List_Yaml_QuotesWhatIsNoPlainString()
    {
        Gateway.Add("alpha").Metadata.Labels["on"] = "1.0";

        var result = await Cli.RunAsync("sandbox", "list", "-o", "yaml");

        Assert.That(result.Out, Does.StartWith("- id: id-alpha\n  name: alpha\n"));
        Assert.That(result.Out, Does.Contain("    \"on\": \"1.0\"\n").And.Contain("annotations: {}\n").And.Contain("resource_version: 7\n"));
    }

    [Test]
    public async Task List_Paging_IsSent()
    {
        await Cli.RunAsync("sandbox", "list", "--page-size", "3", "--page-token", "after-0", "-l", "a=b");

        Assert.That(Gateway.Request<ListSandboxesRequest>(), Is.EqualTo(new ListSandboxesRequest
        {
            PageSize = 3,
            PageToken = "after-0",
            LabelSelector = "a=b",
            WorkspaceScope = FakeGateway.DefaultScope,
        }));
    }

    [Test]
    public async Task List_ManyPages_ListsAllOfThem()
    {
        (Gateway.MostPerPage, string[] names) = (2, ["a", "b", "c", "d", "e"]);
        names.ToList().ForEach(name => Gateway.Add(name));

        Assert.That((await Cli.RunAsync("sandbox", "list", "--names")).Out, Is.EqualTo("a\nb\nc\nd\ne\n"));
    }

    [Test]
    public async Task List_OnePage_SaysHowToGoOn()
    {
        (Gateway.MostPerPage, string[] names) = (2, ["a", "b", "c"]);
        names.ToList().ForEach(name => Gateway.Add(name));

        Assert.That(
            await Cli.RunAsync("sandbox", "list", "--names", "--page-size", "2"),
            Is.EqualTo(new CliResult(0, "a\nb\n", "There are more: --page-token after-2\n")));
        Assert.That(
            await Cli.RunAsync("sandbox", "list", "--names", "--page-token", "after-2"), Is.EqualTo(new CliResult(0, "c\n", "")));
    }

    [TestCase("", "alpha\n")]
    [TestCase("--workspace dev", "beta\n")]
    [TestCase("--all-workspaces", "alpha\nbeta\n")]
    public async Task List_Workspace_ListsItsOwn(string options, string names)
    {
        Gateway.Add("alpha");
        Gateway.Add("beta").Metadata.Workspace = "dev";

        Assert.That((await Cli.RunAsync(["sandbox", "list", "--names", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)])).Out, Is.EqualTo(names));
    }

    [Test]
    public async Task Get_WorkspaceOfTheEnvironment_IsUsedUnlessTheOptionNamesAnother()
    {
        Gateway.Add("alpha").Metadata.Workspace = "dev";
        Gateway.Add("beta").Metadata.Workspace = "prod";
        Cli.Environment["OPENSHELL_WORKSPACE"] = "dev";

        Assert.That((await Cli.RunAsync("sandbox", "get", "alpha")).ExitCode, Is.Zero);
        Assert.That((await Cli.RunAsync("sandbox", "get", "beta")).ExitCode, Is.EqualTo(3));
        Assert.That((await Cli.RunAsync("--workspace", "prod", "sandbox", "get", "beta")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Get_NoNameInAnotherWorkspace_TakesTheLastOneUsedThere()
    {
        Gateway.Add("alpha");
        Gateway.Add("beta").Metadata.Workspace = "dev";
        await Cli.RunAsync("sandbox", "get", "alpha");
        await Cli.RunAsync("sandbox", "get", "beta", "--workspace", "dev");

        Assert.That((await Cli.RunAsync("sandbox", "get")).Out, Does.StartWith("Name: alpha\n"));
        Assert.That((await Cli.RunAsync("sandbox", "get", "--workspace", "dev")).Out, Does.StartWith("Name: beta\n"));
    }

    [Test]
    public async Task SshConfig_OtherWorkspace_IsInTheHostAndInItsProxy()
    {
        Gateway.Add("alpha").Metadata.Workspace = "dev";

        var block = (await Cli.RunAsync("sandbox", "ssh-config", "alpha", "--workspace", "dev")).Out;

        Assert.That(block, Does.StartWith("Host openshell-alpha.dev.at_127.0.0.1_").And.Contain("HostKeyAlias openshell-alpha.dev\n"));
        Assert.That(block, Does.Match("ProxyCommand .* ssh-proxy .*--workspace dev -- alpha\n"));
        Assert.That(block, Does.Match("/known_hosts/at_127.0.0.1_[0-9]+@dev/alpha\"\n"));
    }

    [TestCase("../x")]
    [TestCase("Dev")]
    public async Task Get_WorkspaceThatIsNoName_IsAUsageError(string name)
    {
        var result = await Cli.RunAsync("sandbox", "get", "alpha", "--workspace", name);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain($"'{name}' is no name of a workspace"));
    }

    [Test]
    public async Task Get_Table_ShowsPhaseAndReasonButNoEnvironmentValues()
    {
        var sandbox = Gateway.Add("alpha", SandboxPhase.Error);
        sandbox.Status.Conditions.Add(new SandboxCondition { Type = "Ready", Status = "False", Reason = "ProcessExited", Message = "exit 1" });
        sandbox.Spec.Environment["API_KEY"] = "hunter2";

        var table = await Cli.RunAsync("sandbox", "get", "alpha");
        var json = await Cli.RunAsync("sandbox", "get", "alpha", "-o", "json");

        Assert.That(table.Out, Does.Contain("Phase: Error\n").And.Contain("Reason: ProcessExited: exit 1\n").And.Contain("Environment: API_KEY\n"));
        Assert.That(table.Out + json.Out, Does.Not.Contain("hunter2"));
        Assert.That(JsonNode.Parse(json.Out)!["conditions"]![0]!["reason"]!.GetValue<string>(), Is.EqualTo("ProcessExited"));
    }

    [Test]
    public async Task Get_Completed_ShowsWhatIsKnownOfItsLife()
    {
        AddWithHistory();

        Assert.That((await Cli.RunAsync("sandbox", "get", "alpha")).Out, Is.EqualTo(
            """
            Name: alpha
            Id: id-alpha
            Workspace: default
            Phase: Completed
            Reason: MainProcessCompleted: exit code 0
            Command: sh -c true
            Exit code: 0
            Started: 2023-11-14T22:13:21Z
            Restart policy: on-failure
            Restarts: 2
            Next restart: 2023-11-14T22:13:30Z
            Created: 2023-11-14T22:13:20Z
            Image: tiny
            Labels: team=red
            Host key: SHA256:abc
            Conditions:
              TYPE   STATUS  SINCE                 REASON                MESSAGE
              Ready  False   2023-11-14T22:13:25Z  MainProcessCompleted  exit code 0
            Events:
              TIME                  TYPE    REASON     MESSAGE
              1970-01-01T00:00:01Z  Normal  Scheduled
              1970-01-01T00:00:02Z  Normal  Started    Starting VM

            """));
        var watch = Gateway.Request<WatchSandboxRequest>();
        Assert.That((watch.FollowEvents, watch.EventTail, watch.StopOnTerminal), Is.EqualTo((true, 20u, true)));
    }

    [Test]
    public async Task Get_Json_HasEveryField()
    {
        AddWithHistory();

        var json = JsonNode.Parse((await Cli.RunAsync("sandbox", "get", "alpha", "-o", "json")).Out)!;
        Assert.That(json.ToJsonString(), Is.EqualTo(JsonNode.Parse(
            """
            {
              "id": "id-alpha", "name": "alpha", "workspace": "default", "labels": { "team": "red" }, "annotations": {},
              "resource_version": 7, "created_at": "2023-11-14T22:13:20Z",
              "phase": "Completed", "reason": "MainProcessCompleted", "current_policy_version": 0,
              "image": "tiny", "command": ["sh", "-c", "true"], "restart_count": 2, "exit_code": 0,
              "tty": false, "environment_names": [], "restart_policy": "on-failure",
              "next_restart_at": "2023-11-14T22:13:30Z", "main_process_started_at": "2023-11-14T22:13:21Z",
              "host_key_fingerprint": "SHA256:abc",
              "conditions": [
                {
                  "type": "Ready", "status": "False", "reason": "MainProcessCompleted", "message": "exit code 0",
                  "transition_time": "2023-11-14T22:13:25Z"
                }
              ],
              "events": [
                { "time": "1970-01-01T00:00:01.000Z", "source": "vm", "type": "Normal", "reason": "Scheduled", "message": "" },
                { "time": "1970-01-01T00:00:02.000Z", "source": "vm", "type": "Normal", "reason": "Started", "message": "Starting VM" }
              ]
            }
            """)!.ToJsonString()));
    }

    [Test]
    public async Task Get_WatchThatGoesOn_DoesNotWaitForItsEnd()
    {
        Gateway.Add("alpha", SandboxPhase.Starting);
        Gateway.Watch = async (_, events, context) =>
        {
            await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Starting));
            await events.WriteAsync(WatchEvents.Progress("Scheduled"));
            await Task.Delay(Timeout.Infinite, context.CancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);
        };

        Assert.That((await Cli.RunAsync("sandbox", "get", "alpha")).Out, Does.Contain("Events:\n").And.Contain("Scheduled"));
    }

    [Test]
    public async Task Get_NoNameAndNoneUsed_IsAUsageError() => Assert.That(
        await Cli.RunAsync("sandbox", "get"),
        Is.EqualTo(new CliResult(2, "", "error: no sandbox name provided and no last-used sandbox; name one, see: openshell sandbox list\n")));

    [TestCase("get")]
    [TestCase("stop")]
    [TestCase("ssh-config")]
    public async Task AnyCommand_NoName_TakesTheLastOneUsedAndSaysSo(string command)
    {
        Gateway.Add("alpha");
        await Cli.RunAsync("sandbox", "get", "alpha");

        var result = await Cli.RunAsync("sandbox", command);

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Does.StartWith("→ Using sandbox 'alpha' (last used)\n"));
    }

    [TestCase("get")]
    [TestCase("stop")]
    public async Task AnyCommand_LastUsedIsGone_SaysSo(string command)
    {
        Gateway.Add("alpha");
        await Cli.RunAsync("sandbox", "get", "alpha");
        Gateway.Sandboxes.Clear();

        var result = await Cli.RunAsync("sandbox", command);

        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Error, Does.EndWith("error: the sandbox that was used last, 'alpha', is gone; name another one\n"));
    }

    [Test]
    public async Task Get_UnknownName_ExitsWithThree()
    {
        var result = await Cli.RunAsync("sandbox", "get", "nobody");

        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Error, Is.EqualTo("error: sandbox 'nobody' not found; see: openshell sandbox list\n"));
        Assert.That(result.Out, Is.Empty);
    }

    [Test]
    public async Task Get_UnknownNameWithJson_PrintsAJsonError()
    {
        var result = await Cli.RunAsync("sandbox", "get", "nobody", "-o", "json");

        Assert.That(result.Error, Is.EqualTo("""{"error":{"code":"not_found","message":"sandbox 'nobody' not found; see: openshell sandbox list","exit_code":3}}""" + "\n"));
    }

    [Test]
    public async Task Get_MessageWithEscapeSequences_IsMadeHarmless()
    {
        Gateway.Failure = new Status(StatusCode.Internal, "bad \e[2Jthing\nand more");

        Assert.That((await Cli.RunAsync("sandbox", "get", "alpha")).Error, Is.EqualTo("error: bad \\x1b[2Jthing and more\n"));
    }

    [Test]
    public async Task Delete_SomeUnknown_DeletesTheOthersAndExitsWithZero()
    {
        Gateway.Add("alpha");
        Gateway.Add("beta");

        var result = await Cli.RunAsync("sandbox", "delete", "nobody", "alpha", "beta");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Is.EqualTo("! Sandbox nobody not found\n✓ Deleted sandbox alpha\n✓ Deleted sandbox beta\n"));
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Delete_All_DeletesEverySandbox()
    {
        Gateway.Add("alpha");
        Gateway.Add("beta");

        Assert.That((await Cli.RunAsync("sandbox", "delete", "--all")).ExitCode, Is.Zero);
        Assert.That(Gateway.Sandboxes, Is.Empty);
    }

    // Whatever became of the answer, what is said about the sandbox is what the gateway says of it afterwards.
    [TestCase("deleted", 0, "✓ Deleted sandbox alpha\n")]
    [TestCase("deleting", 5, "error: sandbox 'alpha' is not deleted yet: the driver is slow; delete it again to go on\n")]
    [TestCase("kept", 5, "error: sandbox 'alpha' was not deleted: the driver is slow\n")]
    public async Task Delete_AnswerIsAnError_SaysWhatBecameOfTheSandbox(string what, int exitCode, string said)
    {
        Gateway.Sandboxes.Add(FakeGateway.NewSandbox("alpha"));
        Gateway.Deleting = (sandbox, _) =>
        {
            if (what == "deleted")
            {
                Gateway.Sandboxes.Remove(sandbox);
            }

            sandbox.Status.Phase = what == "deleting" ? SandboxPhase.Deleting : SandboxPhase.Ready;
            throw new RpcException(new Status(StatusCode.Unavailable, "the driver is slow"));
        };

        var result = await Cli.RunAsync("sandbox", "delete", "alpha");

        Assert.That(result, Is.EqualTo(new CliResult(exitCode, "", said)));
    }

    [Test]
    public async Task Delete_Accepted_WaitsUntilTheIdIsGone()
    {
        Gateway.DeletionOutcome = DeletionOutcome.Accepted;
        Gateway.Add("alpha");
        Gateway.Watch = async (number, events, _) =>
        {
            if (number == 1)
            {
                await events.WriteAsync(WatchEvents.Snapshot("alpha", SandboxPhase.Deleting));
                Gateway.Add("alpha").Metadata.Id = "id-another";
            }
        };

        Assert.That(await Cli.RunAsync("sandbox", "delete", "alpha"), Is.EqualTo(new CliResult(0, "", "✓ Deleted sandbox alpha\n")));
        Assert.That(Gateway.Sandboxes.Single().Metadata.Id, Is.EqualTo("id-another"));
    }

    [Test]
    public async Task Delete_ConnectionBreaksAfterwards_IsDeleted()
    {
        Gateway.Sandboxes.Add(FakeGateway.NewSandbox("alpha"));
        Gateway.Deleting = (sandbox, context) =>
        {
            Gateway.Sandboxes.Remove(sandbox);
            context.GetHttpContext().Abort();
        };

        var result = await Cli.RunAsync("sandbox", "delete", "alpha");

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "✓ Deleted sandbox alpha\n")));
    }

    [TestCase("", "did not answer in time")]
    [TestCase("relay open timed out: its supervisor did not take it", "error: relay open timed out: its supervisor did not take it\n")]
    public async Task List_DeadlineExceeded_IsTheGatewaysOwnOnlyIfItSaysNothing(string detail, string said)
    {
        Gateway.Failure = new Status(StatusCode.DeadlineExceeded, detail);

        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Error, Does.Contain(said));
    }

    [TestCase("sandbox", "delete")]
    [TestCase("sandbox", "delete", "--all", "alpha")]
    public async Task Delete_NeitherOrBothNamesAndAll_IsAUsageError(params string[] args) =>
        Assert.That((await Cli.RunAsync(args)).ExitCode, Is.EqualTo(2));

    [Test]
    public async Task Stop_Stopped_SaysSo()
    {
        Gateway.Add("alpha");

        Assert.That((await Cli.RunAsync("sandbox", "stop", "alpha")).Error, Is.EqualTo("✓ Stopped sandbox alpha\n"));
    }

    [TestCase(false, "sandbox", "stop", "alpha")]
    [TestCase(true, "sandbox", "stop", "alpha", "--force")]
    [TestCase(true, "sandbox", "stop", "--force", "alpha")]
    public async Task Stop_Force_IsToldToTheGateway(bool force, params string[] args)
    {
        Gateway.Add("alpha");

        Assert.That((await Cli.RunAsync(args)).ExitCode, Is.Zero);

        Assert.That(Gateway.LastStop!.Force, Is.EqualTo(force));
    }

    [Test]
    public async Task Start_Unimplemented_SaysThatTheGatewayCannot()
    {
        var result = await Cli.RunAsync("sandbox", "start", "alpha");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain("cannot do this"));
    }

    [TestCase(StatusCode.NotFound, 3)]
    [TestCase(StatusCode.PermissionDenied, 4)]
    [TestCase(StatusCode.Unauthenticated, 4)]
    [TestCase(StatusCode.Unavailable, 5)]
    [TestCase(StatusCode.DeadlineExceeded, 5)]
    [TestCase(StatusCode.InvalidArgument, 2)]
    [TestCase(StatusCode.AlreadyExists, 1)]
    [TestCase(StatusCode.FailedPrecondition, 1)]
    [TestCase(StatusCode.Internal, 1)]
    public async Task Status_EveryCode_HasItsExitCode(StatusCode status, int exitCode)
    {
        Gateway.Failure = new Status(status, "because of this");

        Assert.That((await Cli.RunAsync("sandbox", "list")).ExitCode, Is.EqualTo(exitCode));
    }

    [Test]
    public async Task List_GatewayGone_ExitsWithFiveAndNamesTheAddress()
    {
        await Gateway.DisposeAsync();

        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Error, Does.StartWith($"error: cannot reach the gateway at {Gateway.Endpoint}: ").And.Contain("is it running?"));
        Assert.That(result.Error.Count(c => c == '\n'), Is.EqualTo(1));
    }

    private static Timestamp Ago(TimeSpan age) => Timestamp.FromDateTimeOffset(DateTimeOffset.UtcNow - age);

    private static Timestamp At(int second) => new() { Seconds = 1_700_000_000 + second };

    private void AddWithHistory()
    {
        var sandbox = Gateway.Add("alpha", SandboxPhase.Completed);
        sandbox.Metadata.Labels["team"] = "red";
        sandbox.HostKeyFingerprint = "SHA256:abc";
        sandbox.Spec.Command.Add(["sh", "-c", "true"]);
        sandbox.Spec.RestartPolicy = SandboxRestartPolicy.OnFailure;
        (sandbox.Status.ExitCode, sandbox.Status.RestartCount) = (0, 2);
        (sandbox.Status.MainProcessStartedTime, sandbox.Status.NextRestartTime) = (At(1), At(10));
        sandbox.Status.Conditions.Add(new SandboxCondition
        {
            Type = "Ready",
            Status = "False",
            Reason = "MainProcessCompleted",
            Message = "exit code 0",
            TransitionTime = At(5),
        });
        Gateway.Watch = async (_, events, _) =>
        {
            await events.WriteAsync(new SandboxStreamEvent { Sandbox = sandbox });
            await events.WriteAsync(WatchEvents.Progress("Scheduled", timestamp: 1));
            await events.WriteAsync(WatchEvents.Progress("Started", "Starting VM", timestamp: 2));
        };
    }
}
