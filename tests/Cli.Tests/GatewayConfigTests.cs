using System.Text.Json.Nodes;

namespace OpenShell.Cli.Tests;

/// <summary>gateway add, remove, list, select, info; which gateway and which token are used.</summary>
[TestFixture]
internal sealed class GatewayConfigTests : GatewayTestBase
{
    private const string Token = "secret-token-value";

    [SetUp]
    public void ForgetEndpoint() => Cli.Environment.Remove("OPENSHELL_GATEWAY_ENDPOINT");

    [Test]
    public async Task Add_First_IsSelectedAndPrivate()
    {
        var result = await Cli.RunAsync("gateway", "add", "http://127.0.0.1:1234");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Is.EqualTo("✓ Added gateway local (http://127.0.0.1:1234), now selected\n"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Cli.ConfigDirectory, "active_gateway")), Is.EqualTo("local\n"));
        var metadata = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Cli.ConfigDirectory, "gateways", "local", "metadata.json")))!;
        Assert.That(metadata.ToJsonString(), Is.EqualTo("""{"name":"local","gateway_endpoint":"http://127.0.0.1:1234","auth_mode":"plaintext"}"""));
        Assert.That(File.GetUnixFileMode(Cli.ConfigDirectory), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public async Task Add_Second_IsNotSelectedUnlessAsked()
    {
        await Cli.RunAsync("gateway", "add", "http://127.0.0.1:1", "--name", "one");
        await Cli.RunAsync("gateway", "add", "http://127.0.0.1:2", "--name", "two");
        Assert.That((await Cli.RunAsync("gateway", "info")).Out, Does.StartWith("Name: one\n"));

        await Cli.RunAsync("gw", "add", "http://127.0.0.1:3", "--name", "three", "--select");
        Assert.That((await Cli.RunAsync("gateway", "info")).Out, Does.StartWith("Name: three\n"));

        await Cli.RunAsync("gateway", "select", "two");
        Assert.That((await Cli.RunAsync("gateway", "info")).Out, Does.StartWith("Name: two\n"));
    }

    [TestCase("127.0.0.1:17670", "http://127.0.0.1:17670")]
    [TestCase("https://example.org", "does not speak yet")]
    [TestCase("ftp://example.org", "only unix: and http://")]
    [TestCase("http://example.org/path", "more than a host and a port")]
    [TestCase("http://user@example.org", "more than a host and a port")]
    [TestCase("http://", "is not an address")]
    [TestCase("unix:run/gateway.sock", "no absolute path")]
    public async Task Add_BadEndpoint_SaysWhatToWrite(string endpoint, string explanation)
    {
        var result = await Cli.RunAsync("gateway", "add", endpoint);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain(explanation).And.Contain($"'{endpoint}'"));
        Assert.That(Directory.Exists(Cli.ConfigDirectory), Is.False);
    }

    [TestCase("../../etc")]
    [TestCase("Upper")]
    [TestCase("")]
    public async Task Add_BadName_IsRefused(string name) =>
        Assert.That((await Cli.RunAsync("gateway", "add", "http://127.0.0.1:1", "--name", name)).ExitCode, Is.EqualTo(2));

    [TestCase("http://gateway.example.org:8080", "whoever is on the way")]
    [TestCase("http://127.0.0.1:8080", "whoever listens on http://127.0.0.1:8080")]
    public async Task Add_TokenInClear_IsKeptAndSaysWhatItRisks(string endpoint, string risk)
    {
        var file = Cli.WriteFile("token", Token);

        var without = await Cli.RunAsync("gateway", "add", endpoint, "--name", "far", "--token-file", file);
        var with = await Cli.RunAsync("gateway", "add", endpoint, "--name", "far", "--token-file", file, "--send-token-in-clear");

        Assert.That(without.ExitCode, Is.EqualTo(4));
        Assert.That(without.Error, Does.Contain("--send-token-in-clear").And.Contain(endpoint));
        Assert.That(with.Error, Does.Contain(risk));
        Assert.That((await Cli.RunAsync("gateway", "info", "far")).Out, Does.Contain("(sent in clear)"));
    }

    [TestCase("unix:/run/gateway.sock", "--token-file", "TOKEN")]
    [TestCase("unix:/run/gateway.sock", "--send-token-in-clear")]
    [TestCase("http://127.0.0.1:1", "--send-token-in-clear")]
    public async Task Add_OptionThatMakesNoSense_IsAUsageError(params string[] arguments)
    {
        string[] words = [.. arguments.Select(word => word == "TOKEN" ? Cli.WriteFile("token", Token) : word)];

        Assert.That((await Cli.RunAsync(["gateway", "add", .. words])).ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task List_UserAndSystem_ShowsSourcesAndUserShadowsSystem()
    {
        AddSystemGateway("shared", "http://10.0.0.1:1");
        AddSystemGateway("local", "http://10.0.0.1:2");
        await Cli.RunAsync("gateway", "add", "http://127.0.0.1:3");

        var table = await Cli.RunAsync("gateway", "list");
        var json = await Cli.RunAsync("gateway", "list", "-o", "json");

        Assert.That(table.Out, Is.EqualTo(
            "NAME    ENDPOINT            SOURCE  ACTIVE\n" +
            "local   http://127.0.0.1:3  user    *\n" +
            "shared  http://10.0.0.1:1   system  \n"));
        Assert.That(JsonNode.Parse(json.Out)![1]!["source"]!.GetValue<string>(), Is.EqualTo("system"));
        Assert.That(JsonNode.Parse(json.Out)![0]!["endpoint"]!.GetValue<string>(), Is.EqualTo("http://127.0.0.1:3"));
    }

    [Test]
    public async Task Remove_System_IsRefused()
    {
        AddSystemGateway("shared", "http://10.0.0.1:1");

        var result = await Cli.RunAsync("gateway", "remove", "shared");

        Assert.That(result.ExitCode, Is.EqualTo(4));
        Assert.That(result.Error, Does.Contain("installed by the system and cannot be removed from user config"));
    }

    [Test]
    public async Task Remove_User_ForgetsItAndItsSelection()
    {
        await Cli.RunAsync("gateway", "add", "http://127.0.0.1:3");

        Assert.That((await Cli.RunAsync("gateway", "remove", "local")).ExitCode, Is.Zero);
        Assert.That((await Cli.RunAsync("gateway", "list")).Out, Does.StartWith("No gateways found."));
        Assert.That((await Cli.RunAsync("status")).Out, Does.StartWith("No gateway configured."));
        Assert.That((await Cli.RunAsync("gateway", "remove", "local")).ExitCode, Is.EqualTo(3));
    }

    [Test]
    public async Task Select_Unknown_ExitsWithThree() =>
        Assert.That((await Cli.RunAsync("gateway", "select", "nowhere")).ExitCode, Is.EqualTo(3));

    [Test]
    public async Task Sandbox_NoGateway_SaysHowToAddOne()
    {
        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("openshell gateway add <endpoint>"));
    }

    [Test]
    public async Task Resolve_EndpointFlagBeforeGatewayFlagBeforeEnvironmentBeforeSelection()
    {
        await Cli.RunAsync("gateway", "add", "http://127.0.0.1:1", "--name", "selected");
        await Cli.RunAsync("gateway", "add", "http://127.0.0.1:2", "--name", "named");
        await Cli.RunAsync("gateway", "add", "http://127.0.0.1:3", "--name", "by-environment");
        Assert.That(await ServerAsync(), Is.EqualTo("http://127.0.0.1:1"));

        Cli.Environment["OPENSHELL_GATEWAY"] = "by-environment";
        Assert.That(await ServerAsync(), Is.EqualTo("http://127.0.0.1:3"));

        Cli.Environment["OPENSHELL_GATEWAY_ENDPOINT"] = "http://127.0.0.1:4";
        Assert.That(await ServerAsync(), Is.EqualTo("http://127.0.0.1:4"));
        Assert.That(await ServerAsync("-g", "named"), Is.EqualTo("http://127.0.0.1:2"));
        Assert.That(await ServerAsync("-g", "named", "--gateway-endpoint", "http://127.0.0.1:5"), Is.EqualTo("http://127.0.0.1:5"));
    }

    [Test]
    public async Task Info_BrokenMetadata_NamesTheFile()
    {
        var path = Cli.WriteFile("config/openshell/gateways/bad/metadata.json", "{");

        var result = await Cli.RunAsync("gateway", "info", "bad");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.Contain(path));
    }

    private async Task<string> ServerAsync(params string[] options)
    {
        var result = await Cli.RunAsync([.. options, "status", "-o", "json"]);
        return JsonNode.Parse(result.Out)!["server"]!.GetValue<string>();
    }

    private void AddSystemGateway(string name, string endpoint) => Cli.WriteFile(
        $"etc/gateways/{name}/metadata.json", $$"""{"name":"{{name}}","gateway_endpoint":"{{endpoint}}","is_remote":true}""");
}
