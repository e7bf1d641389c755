using System.Text.Json.Nodes;
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
    public async Task List_Table_HasNameCreatedPhase()
    {
        Gateway.Add("alpha");
        Gateway.Add("a-much-longer-name", SandboxPhase.Error);

        var result = await Cli.RunAsync("sb", "list");

        Assert.That(result.Out, Is.EqualTo(
            "NAME                CREATED               PHASE\n" +
            "alpha               2023-11-14T22:13:20Z  Ready\n" +
            "a-much-longer-name  2023-11-14T22:13:20Z  Error\n"));
    }

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
            """{"id":"id-alpha","name":"alpha","workspace":"default","labels":{"team":"red"},"annotations":{},"resource_version":7,"created_at":"2023-11-14T22:13:20Z","phase":"Ready","current_policy_version":0}"""));
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
    public async Task Get_UnknownName_ExitsWithThree()
    {
        var result = await Cli.RunAsync("sandbox", "get", "nobody");

        Assert.That(result.ExitCode, Is.EqualTo(3));
        Assert.That(result.Error, Is.EqualTo("error: sandbox 'nobody' does not exist\n"));
        Assert.That(result.Out, Is.Empty);
    }

    [Test]
    public async Task Get_UnknownNameWithJson_PrintsAJsonError()
    {
        var result = await Cli.RunAsync("sandbox", "get", "nobody", "-o", "json");

        Assert.That(result.Error, Is.EqualTo("""{"error":{"code":"not_found","message":"sandbox 'nobody' does not exist","exit_code":3}}""" + "\n"));
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
}
