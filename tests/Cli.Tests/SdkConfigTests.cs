using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.V1;
using OpenShellApi = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Cli.Tests;

/// <summary>A client that reads what gateway add writes as the public SDKs do, "from the active cluster".</summary>
[TestFixture]
internal sealed class SdkConfigTests : GatewayTestBase
{
    private const string Token = "secret-token-value";

    [SetUp]
    public void ForgetEndpoint() => Cli.Environment.Remove("OPENSHELL_GATEWAY_ENDPOINT");

    [Test]
    public async Task ActiveGateway_WithAToken_IsUsedWithIt()
    {
        Gateway.RequiredToken = Token;
        Gateway.Add("alpha");
        var file = Cli.WriteFile("token", Token + "\n");
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--token-file", file, "--send-token-in-clear");

        Assert.That(await ListAsync(), Is.EqualTo(["alpha"]));
        Assert.That((await Cli.RunAsync("ps", "--names")).Out, Is.EqualTo("alpha\n"), "the command line itself");
        Assert.That(File.GetUnixFileMode(Path.Combine(Directory, "oidc_token.json")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task ActiveGateway_WithoutAToken_IsUsedWithout()
    {
        Gateway.Add("alpha");
        var file = Cli.WriteFile("token", Token);
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--token-file", file, "--send-token-in-clear");
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint);

        Assert.That(await ListAsync(), Is.EqualTo(["alpha"]));
        Assert.That(Gateway.Authorizations, Is.EqualTo(new string?[] { null }));
        Assert.That(File.Exists(Path.Combine(Directory, "oidc_token.json")), Is.False, "the token of the gateway before");
    }

    [Test]
    public async Task RemovedGateway_LeavesNoToken()
    {
        var file = Cli.WriteFile("token", Token);
        await Cli.RunAsync("gateway", "add", Gateway.Endpoint, "--token-file", file, "--send-token-in-clear");

        await Cli.RunAsync("gateway", "remove", "local");

        Assert.That(System.IO.Directory.Exists(Directory), Is.False);
    }

    private string Directory => Path.Combine(Cli.ConfigDirectory, "gateways", "local");

    // The name in active_gateway; gateway_endpoint of its metadata; a bearer token only for auth_mode oidc, whose expiry and
    // refresh token may be absent.
    private async Task<string[]> ListAsync()
    {
        var name = (await File.ReadAllTextAsync(Path.Combine(Cli.ConfigDirectory, "active_gateway"))).Trim();
        var directory = Path.Combine(Cli.ConfigDirectory, "gateways", name);
        using var metadata = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "metadata.json")));
        var endpoint = new Uri(metadata.RootElement.GetProperty("gateway_endpoint").GetString()!);
        Metadata headers = [];
        if (metadata.RootElement.GetProperty("auth_mode").GetString() == "oidc")
        {
            using var token = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "oidc_token.json")));
            Assert.That(token.RootElement.TryGetProperty("expires_at", out _), Is.False);
            Assert.That(token.RootElement.GetProperty("client_id").GetString(), Is.EqualTo(metadata.RootElement.GetProperty("oidc_client_id").GetString()));
            Assert.That(token.RootElement.GetProperty("issuer").GetString(), Is.EqualTo(metadata.RootElement.GetProperty("oidc_issuer").GetString()));
            headers.Add("authorization", "Bearer " + token.RootElement.GetProperty("access_token").GetString());
        }

        using var channel = GrpcChannel.ForAddress($"http://{endpoint.Host}:{endpoint.Port}");
        var client = new OpenShellApi.OpenShellClient(channel);
        var response = await client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = FakeGateway.DefaultScope }, headers);
        return [.. response.Sandboxes.Select(sandbox => sandbox.Metadata.Name)];
    }
}
