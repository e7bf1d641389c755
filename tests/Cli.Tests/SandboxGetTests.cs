using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

/// <summary>sandbox get, and which sandbox is meant.</summary>
[TestFixture]
internal sealed class SandboxGetTests : GatewayTestBase
{
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
        Is.EqualTo(new CliResult(2, "", "error: No sandbox name provided and no last-used sandbox.\n  Name one of those that there are: openshell sandbox list\n")));

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
