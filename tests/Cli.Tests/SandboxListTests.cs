using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

/// <summary>sandbox list.</summary>
[TestFixture]
internal sealed class SandboxListTests : GatewayTestBase
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

    [TestCase("", "did not answer in time")]
    [TestCase("relay open timed out: its supervisor did not take it", "error: relay open timed out: its supervisor did not take it\n")]
    public async Task List_DeadlineExceeded_IsTheGatewaysOwnOnlyIfItSaysNothing(string detail, string said)
    {
        Gateway.Failure = new Status(StatusCode.DeadlineExceeded, detail);

        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Error, Does.Contain(said));
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
}
