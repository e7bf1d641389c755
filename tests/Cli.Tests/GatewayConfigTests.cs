using System.Text.Json.Nodes;
using OpenShell.Cli.Tests.Fakes;

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
        Assert.That(metadata.ToJsonString(), Is.EqualTo("""{"name":"local","gateway_endpoint":"http://127.0.0.1:1234","is_remote":false,"gateway_port":1234,"auth_mode":"plaintext"}"""));
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
            "shared  http://10.0.0.1:1   system\n"));
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

    [TestCase("gateway", "select", "nowhere")]
    [TestCase("gateway", "remove", "nowhere")]
    [TestCase("gateway", "info", "nowhere")]
    [TestCase("--gateway", "nowhere", "ps")]
    public async Task Gateway_Unknown_SaysSoWithTwoHints(params string[] words) => Assert.That(
        await Cli.RunAsync(words),
        Is.EqualTo(new CliResult(
            3,
            "",
            "error: Unknown gateway 'nowhere'.\n"
            + "  List those that are configured: openshell gateway list\n"
            + "  Add it: openshell gateway add <endpoint>\n")));

    [Test]
    public async Task Sandbox_NoGateway_SaysSoWithTwoHints()
    {
        Assert.That(
            await Cli.RunAsync("sandbox", "list"),
            Is.EqualTo(new CliResult(
                2,
                "",
                "error: No active gateway.\n  Select one: openshell gateway select <name>\n  Add one: openshell gateway add <endpoint>\n")));
        var error = JsonNode.Parse((await Cli.RunAsync("sandbox", "list", "-o", "json")).Error)!["error"]!;
        Assert.That(error["message"]!.GetValue<string>(), Is.EqualTo("No active gateway."));
        Assert.That(error["hints"]!.AsArray(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Info_GatewayThatAnswers_ShowsWhatItSays()
    {
        Gateway.Info.Status = Protocol.V1.ServiceStatus.Healthy;
        Gateway.Info.GatewayVersion = "9.9.9";
        Gateway.Info.ComputeDrivers.Add(new Protocol.V1.ComputeDriverInfo
        {
            Name = "vm",
            Capabilities = new Protocol.V1.ComputeDriverCapabilities { DriverName = "openshell-driver-vm", DriverVersion = "1.2.3", Warnings = { "no KVM" } },
        });
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--name", "here");

        var table = await Cli.RunAsync("gateway", "info");
        var json = JsonNode.Parse((await Cli.RunAsync("gateway", "info", "here", "-o", "json")).Out)!;

        Assert.That(table.Out, Is.EqualTo(
            $"Name: here\nEndpoint: {Gateway.Endpoint}\nSource: user\nActive: yes\nAuthentication: plaintext\nToken file: -\n"
            + "Status: healthy\nVersion: 9.9.9\nCompute driver: vm (openshell-driver-vm 1.2.3)\nWarning: no KVM\n"));
        Assert.That(json["compute_drivers"]![0]!["driver_version"]!.GetValue<string>(), Is.EqualTo("1.2.3"));
        Assert.That((json["status"]!.GetValue<string>(), json["gateway_version"]!.GetValue<string>()), Is.EqualTo(("healthy", "9.9.9")));
    }

    [Test]
    public async Task Info_GatewayThatIsDown_ShowsItsConfigurationAndWhy()
    {
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--name", "here");
        await Gateway.DisposeAsync();

        var result = await Cli.RunAsync("gateway", "info");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(result.Out, Does.StartWith("Name: here\n").And.Contain("Error: cannot reach the gateway"));
    }

    [TestCase(1u, 1)]
    [TestCase(0u, 0)]
    public async Task UpgradeCheck_Findings_AreListedAndBlockingOnesFail(uint blocking, int exitCode)
    {
        Gateway.UpgradeCheck.GatewayVersion = "0.1.0";
        Gateway.UpgradeCheck.BlockingCount = blocking;
        Gateway.UpgradeCheck.WarningCount = 1;
        Gateway.UpgradeCheck.CheckedSandboxCount = 2;
        Gateway.UpgradeCheck.Findings.Add(new Protocol.V1.GatewayUpgradeFinding
        {
            Kind = Protocol.V1.GatewayUpgradeFindingKind.LegacyHttpService,
            Severity = Protocol.V1.GatewayUpgradeFindingSeverity.Warning,
            Scope = Protocol.V1.GatewayUpgradeFindingScope.Sandbox,
            Workspace = "default",
            Sandbox = "alpha",
            Message = "is old",
        });
        Cli.Use(Gateway);

        var table = await Cli.RunAsync("gateway", "upgrade-check", "--to", "0.2.0");
        var json = JsonNode.Parse((await Cli.RunAsync("gateway", "upgrade-check", "--to", "0.2.0", "-o", "json")).Out)!;

        Assert.That(table.ExitCode, Is.EqualTo(exitCode), table.Error);
        Assert.That(table.Out, Is.EqualTo(
            "SEVERITY  KIND                 SCOPE    NAME           MESSAGE\n"
            + "warning   legacy_http_service  sandbox  default/alpha  is old\n"));
        Assert.That(table.Error, Does.EndWith($"0.1.0 to 0.2.0: {blocking} blocking, 1 warnings, 2 sandboxes checked\n"));
        Assert.That(json["findings"]![0]!["kind"]!.GetValue<string>(), Is.EqualTo("legacy_http_service"));
        Assert.That(json["blocking_count"]!.GetValue<uint>(), Is.EqualTo(blocking));
    }

    [Test]
    public async Task UpgradeCheck_NoVersion_IsAUsageError()
    {
        Cli.Use(Gateway);

        var result = await Cli.RunAsync("gateway", "upgrade-check");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("--to"));
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
