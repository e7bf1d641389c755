using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests;

/// <summary>Which token goes where: to the gateway that it belongs to, and over a port only where that was accepted.</summary>
[TestFixture]
internal sealed class GatewayTokenTests : GatewayTestBase
{
    private const string Token = "secret-token-value";
    private const string InClear = "--send-token-in-clear";

    [SetUp]
    public void ForgetEndpoint() => Cli.Environment.Remove("OPENSHELL_GATEWAY_ENDPOINT");

    // The token that a local gateway makes was once sent to any loopback port.
    [Test]
    public async Task OwnGatewaysToken_IsNeverSentToAPort()
    {
        Cli.WriteFile("state/openshell/gateway/admin.token", Token);
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--name", "local");

        await Cli.RunAsync("sandbox", "list");
        await Cli.RunAsync("--gateway-endpoint", Gateway.Endpoint, "sandbox", "list");
        Cli.Environment["OPENSHELL_GATEWAY"] = "local";
        await Cli.RunAsync("sandbox", "list");
        Cli.Use(Gateway);
        await Cli.RunAsync("sandbox", "list");

        Assert.That(Gateway.Authorizations, Is.EqualTo(new string?[] { null, null, null, null }));
    }

    [Test]
    public async Task TokenOfAnEntry_WithoutConsent_IsNotSentAndSaysWhatToDo()
    {
        // As earlier versions wrote it.
        var file = Cli.WriteFile("token", Token);
        Cli.WriteFile("config/openshell/gateways/local/metadata.json", $$"""{"name":"local","gateway_endpoint":"{{Gateway.Endpoint}}","token_file":"{{file}}"}""");
        Cli.WriteFile("config/openshell/active_gateway", "local");

        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(4));
        var advice = $"gateway add unix:{Cli.Root}/state/openshell/gateway/run/gateway.sock --name local";
        Assert.That(result.Error, Does.Contain(file).And.Contain(advice).And.Contain(InClear));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [Test]
    public async Task EntryWithoutToken_GatewayWantsOne_SaysHowToUseTheSocket()
    {
        Gateway.RequiredToken = Token;
        Cli.WriteFile("state/openshell/gateway/admin.token", Token);
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--name", "local");

        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(4));
        Assert.That(result.Error, Does.Contain("wants a token").And.Contain("openshell gateway add unix:").And.Contain("--token-file"));
    }

    [Test]
    public async Task Token_WithConsent_IsTheOneNamedBesideTheGateway()
    {
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--name", "here", "--token-file", Cli.WriteFile("configured", "of-entry"), InClear);
        Cli.Environment["OPENSHELL_TOKEN_FILE"] = Cli.WriteFile("variable", "of-environment");
        Cli.Environment["OPENSHELL_SEND_TOKEN_IN_CLEAR"] = "1";

        await Cli.RunAsync("-g", "here", "sandbox", "list");
        await Cli.RunAsync("-g", "here", "--token-file", Cli.WriteFile("flag", "of-command-line"), "sandbox", "list");
        await Cli.RunAsync("--gateway-endpoint", Gateway.Endpoint, "sandbox", "list");
        await Cli.RunAsync(
            "--gateway-endpoint", Gateway.Endpoint, "--token-file", Cli.WriteFile("flag", "of-command-line"), InClear, "sandbox", "list");
        Cli.Use(Gateway);
        await Cli.RunAsync("sandbox", "list");

        Assert.That(Gateway.Authorizations, Is.EqualTo(new[]
        {
            "Bearer of-entry", "Bearer of-command-line", null, "Bearer of-command-line", "Bearer of-environment",
        }));
    }

    [Test]
    public async Task VariablesWithoutConsent_AreRefused()
    {
        Cli.Use(Gateway);
        Cli.Environment["OPENSHELL_TOKEN_FILE"] = Cli.WriteFile("variable", Token);

        var result = await Cli.RunAsync("sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(4));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [Test]
    public async Task Token_FileOpenToOthers_IsRefused()
    {
        Cli.Use(Gateway);
        var file = Cli.WriteFile("token", Token, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        var result = await Cli.RunAsync("--token-file", file, InClear, "sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(4));
        Assert.That(result.Error, Does.Contain($"chmod 600 {file}").And.Contain("640"));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [TestCase("", "holds no token")]
    [TestCase("two\nlines", "holds no token")]
    public async Task Token_FileWithoutToken_IsRefused(string content, string explanation)
    {
        Cli.Use(Gateway);

        var result = await Cli.RunAsync("--token-file", Cli.WriteFile("token", content), InClear, "sandbox", "list");

        Assert.That(result.ExitCode, Is.EqualTo(4));
        Assert.That(result.Error, Does.Contain(explanation));
    }

    [Test]
    public async Task Token_FileMissing_IsNamed()
    {
        Cli.Use(Gateway);

        var result = await Cli.RunAsync("--token-file", "/nowhere/token", InClear, "sandbox", "list");

        Assert.That(result, Is.EqualTo(new CliResult(4, "", "error: token file /nowhere/token does not exist\n")));
    }

    [Test]
    public async Task Token_Refused_NamesTheFileAndNeverTheToken()
    {
        Cli.Use(Gateway);
        Gateway.RequiredToken = "another";
        var file = Cli.WriteFile("token", Token);

        var refused = await Cli.RunAsync("-v", "--token-file", file, InClear, "sandbox", "list");

        Assert.That(refused.ExitCode, Is.EqualTo(4));
        Assert.That(refused.Error, Does.Contain(file).And.Not.Contain(Token));
    }
}
