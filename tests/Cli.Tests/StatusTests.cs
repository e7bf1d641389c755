using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class StatusTests : GatewayTestBase
{
    [Test]
    public async Task Status_GatewayAnswers_IsConnected()
    {
        var result = await Cli.RunAsync("status");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Out, Is.EqualTo($"Server Status\n  Gateway: -\n  Server: {Gateway.Endpoint}\n  Status: Connected\n  Version: 9.9.9\n"));
        Assert.That(result.Error, Is.Empty);
    }

    [Test]
    public async Task Status_Json_HasTheKeysThatOthersRead()
    {
        var document = JsonNode.Parse((await Cli.RunAsync("status", "-o", "json")).Out)!;

        Assert.That(document["status"]!.GetValue<string>(), Is.EqualTo("connected"));
        Assert.That(document["server"]!.GetValue<string>(), Is.EqualTo(Gateway.Endpoint));
        Assert.That(document["version"]!.GetValue<string>(), Is.EqualTo("9.9.9"));
        Assert.That(document.AsObject().Select(pair => pair.Key), Is.EqualTo(["gateway", "server", "status", "version", "error"]));
    }

    [Test]
    public async Task Status_DriverWarns_SaysSo()
    {
        Gateway.DriverWarnings.Add("machines share the host's network");

        Assert.That((await Cli.RunAsync("status")).Out, Does.EndWith("  Warning: machines share the host's network\n"));
        var document = JsonNode.Parse((await Cli.RunAsync("status", "-o", "json")).Out)!;
        Assert.That(
            document["warnings"]!.AsArray().Select(warning => warning!.GetValue<string>()), Is.EqualTo(["machines share the host's network"]));
    }

    [Test]
    public async Task Status_Yaml_IsTheSameDocument()
    {
        var result = await Cli.RunAsync("status", "-o", "yaml");

        Assert.That(result.Out, Is.EqualTo($"gateway: null\nserver: \"{Gateway.Endpoint}\"\nstatus: connected\nversion: \"9.9.9\"\nerror: null\n"));
    }

    [Test]
    public async Task Status_OnlyHttpAnswers_IsConnectedHttp()
    {
        Gateway.HealthIsUnimplemented = true;

        Assert.That((await Cli.RunAsync("status")).Out, Does.Contain("Status: Connected (HTTP)"));
        Assert.That((await Cli.RunAsync("status", "-o", "json")).Out, Does.Contain("\"connected_http\""));
    }

    [Test]
    public async Task Status_HttpFails_IsError()
    {
        Gateway.HealthIsUnimplemented = true;
        Gateway.HealthzStatus = StatusCodes.Status503ServiceUnavailable;

        var result = await Cli.RunAsync("status");

        Assert.That(result.Out, Does.Contain("Status: Error").And.Contain("HTTP 503"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public async Task Status_NobodyListens_IsDisconnectedAndExitsWithFive()
    {
        await Gateway.DisposeAsync();

        var result = await Cli.RunAsync("status");
        var json = await Cli.RunAsync("status", "-o", "json");

        Assert.That(result.ExitCode, Is.EqualTo(5));
        Assert.That(json.ExitCode, Is.EqualTo(5));
        Assert.That(result.Out, Does.Contain("Status: Disconnected").And.Contain("is it running?"));
        Assert.That(JsonNode.Parse(json.Out)!["status"]!.GetValue<string>(), Is.EqualTo("disconnected"));
    }

    [Test]
    public async Task Status_NoGateway_SaysHowToAddOne()
    {
        Cli.Environment.Remove("OPENSHELL_GATEWAY_ENDPOINT");

        var result = await Cli.RunAsync("status");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Out, Does.Contain("No gateway configured.").And.Contain("openshell gateway add <endpoint>"));
    }

    [Test]
    public async Task Status_NamedGateway_ShowsItsName()
    {
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--name", "here");

        Assert.That((await Cli.RunAsync("-g", "here", "status")).Out, Does.Contain("Gateway: here"));
    }
}
