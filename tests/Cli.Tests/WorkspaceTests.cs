using System.Text.Json.Nodes;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

/// <summary>workspace and whoami.</summary>
[TestFixture]
internal sealed class WorkspaceTests : GatewayTestBase
{
    [TestCase("--name", "dev")]
    [TestCase("dev")]
    public async Task Create_Labels_AreSent(params string[] name)
    {
        var result = await Cli.RunAsync(["workspace", "create", .. name, "--label", "team=red"]);

        Assert.That(result, Is.EqualTo(new CliResult(0, "", "✓ Created workspace dev\n")));
        Assert.That(
            Gateway.Request<CreateWorkspaceRequest>(), Is.EqualTo(new CreateWorkspaceRequest { Name = "dev", Labels = { ["team"] = "red" } }));
    }

    [Test]
    public async Task Create_NoName_IsAUsageError()
    {
        var result = await Cli.RunAsync("workspace", "create");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith("error: give one name: openshell workspace create --name NAME\n"));
    }

    [Test]
    public async Task List_Table_HasNamePhaseCreatedLabels()
    {
        Gateway.AddWorkspace("default");
        Gateway.AddWorkspace("dev", WorkspacePhase.Terminating).Metadata.Labels["team"] = "red";

        Assert.That((await Cli.RunAsync("ws", "list")).Out, Is.EqualTo(
            "NAME     PHASE        CREATED               LABELS\n" +
            "default  Active       2023-11-14T22:13:20Z\n" +
            "dev      Terminating  2023-11-14T22:13:20Z  team=red\n"));
    }

    [Test]
    public async Task ListAndGet_Json_HaveEveryField()
    {
        Gateway.AddWorkspace("dev").Metadata.Labels["team"] = "red";
        const string document =
            """{"id":"id-dev","name":"dev","labels":{"team":"red"},"resource_version":3,"created_at":"2023-11-14T22:13:20Z","phase":"Active"}""";

        Assert.That(JsonNode.Parse((await Cli.RunAsync("workspace", "list", "-o", "json")).Out)!.ToJsonString(), Is.EqualTo($"[{document}]"));
        Assert.That(JsonNode.Parse((await Cli.RunAsync("workspace", "get", "dev", "-o", "json")).Out)!.ToJsonString(), Is.EqualTo(document));
    }

    [Test]
    public async Task Get_Table_HasARowForEachField()
    {
        Gateway.AddWorkspace("dev").Metadata.Labels["team"] = "red";

        Assert.That(
            (await Cli.RunAsync("workspace", "get", "dev")).Out,
            Is.EqualTo("Name: dev\nId: id-dev\nPhase: Active\nCreated: 2023-11-14T22:13:20Z\nLabels: team=red\n"));
    }

    [Test]
    public async Task Get_UnknownName_ExitsWithThree() => Assert.That(
        await Cli.RunAsync("workspace", "get", "dev"), Is.EqualTo(new CliResult(3, "", "error: workspace 'dev' not found; see: openshell workspace list\n")));

    [Test]
    public async Task Delete_OneRefused_GoesOnAndExitsWithItsCode()
    {
        Gateway.AddWorkspace("default");
        Gateway.AddWorkspace("dev");

        Assert.That(await Cli.RunAsync("workspace", "delete", "default", "nobody", "dev"), Is.EqualTo(new CliResult(
            1, "", "error: the default workspace cannot be deleted\n! Workspace nobody not found\n✓ Deleted workspace dev\n")));
    }

    [Test]
    public async Task Member_AddListRemove_AreAboutTheWorkspaceOfTheOption()
    {
        var added = await Cli.RunAsync("workspace", "member", "add", "--workspace", "dev", "--subject", "ann@example.com", "--role", "admin");
        var listed = await Cli.RunAsync("workspace", "member", "list", "--workspace", "dev");
        var others = await Cli.RunAsync("workspace", "member", "list");
        var json = await Cli.RunAsync("workspace", "member", "list", "--workspace", "dev", "-o", "json");
        var removed = await Cli.RunAsync("workspace", "member", "remove", "--workspace", "dev", "--subject", "ann@example.com");
        var again = await Cli.RunAsync("workspace", "member", "remove", "--workspace", "dev", "--subject", "ann@example.com");

        Assert.That(added.Error, Is.EqualTo("✓ Added ann@example.com to workspace dev as admin\n"));
        Assert.That(listed.Out, Is.EqualTo("SUBJECT          ROLE   CREATED\nann@example.com  admin  2023-11-14T22:13:20Z\n"));
        Assert.That(others.Out, Is.EqualTo("No members found.\n"));
        Assert.That(JsonNode.Parse(json.Out)!.ToJsonString(), Is.EqualTo(
            """[{"subject":"ann@example.com","role":"admin","workspace":"dev","created_at":"2023-11-14T22:13:20Z"}]"""));
        Assert.That(removed, Is.EqualTo(new CliResult(0, "", "✓ Removed ann@example.com from workspace dev\n")));
        Assert.That(again, Is.EqualTo(new CliResult(0, "", "! ann@example.com is no member of workspace dev\n")));
    }

    [Test]
    public async Task Member_NoSubject_IsAUsageError() =>
        Assert.That((await Cli.RunAsync("workspace", "member", "add")).ExitCode, Is.EqualTo(2));

    [Test]
    public async Task Whoami_Formats_ShowTheUser()
    {
        Gateway.CurrentUser.MergeFrom(new GetCurrentUserResponse
        {
            Subject = "admin",
            DisplayName = "Ann",
            Roles = { "platform-admin" },
            IdentityProvider = "local",
        });

        Assert.That(
            (await Cli.RunAsync("whoami")).Out, Is.EqualTo("Subject: admin\nName: Ann\nRoles: platform-admin\nIdentity provider: local\n"));
        Assert.That(JsonNode.Parse((await Cli.RunAsync("whoami", "-o", "json")).Out)!.ToJsonString(), Is.EqualTo(
            """{"subject":"admin","display_name":"Ann","roles":["platform-admin"],"scopes":[],"identity_provider":"local"}"""));
    }
}
