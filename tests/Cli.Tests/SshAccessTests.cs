using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Tests.Fakes;
using OpenShell.Protocol.Extensions.V1;

namespace OpenShell.Cli.Tests;

/// <summary>sandbox ssh-access and ssh-key.</summary>
[TestFixture]
internal sealed class SshAccessTests : GatewayTestBase
{
    [SetUp]
    public void AddSandbox() => Gateway.Add("alpha");

    [Test]
    public async Task Create_Table_IsACommandToCopy()
    {
        Assert.That(await Cli.RunAsync("sandbox", "ssh-access", "create", "alpha", "--expires-in", "1h30m"), Is.EqualTo(new CliResult(
            0,
            "ssh -p 2222 se-cret@gw.example\n",
            "Access ac1 to sandbox alpha until 2023-11-14T23:13:20Z; host key SHA256:abc\n")));
        Assert.That(Gateway.SshAccess.Requests.Single(), Is.EqualTo(new CreateSshAccessRequest
        {
            Sandbox = "alpha",
            WorkspaceScope = FakeGateway.DefaultScope,
            Lifetime = new Duration { Seconds = 5400 },
        }));
    }

    [Test]
    public async Task Create_Json_HasEveryField()
    {
        var json = JsonNode.Parse((await Cli.RunAsync("sandbox", "ssh-access", "create", "alpha", "-o", "json")).Out)!;

        Assert.That(json.ToJsonString(), Is.EqualTo(JsonNode.Parse(
            """
            {
              "id": "ac1", "sandbox": "alpha", "token": "se-cret", "host": "gw.example", "port": 2222,
              "host_key_fingerprint": "SHA256:abc", "expires_at": "2023-11-14T23:13:20Z", "command": "ssh -p 2222 se-cret@gw.example"
            }
            """)!.ToJsonString()));
    }

    [Test]
    public async Task List_Formats_ShowNoToken()
    {
        await Cli.RunAsync("sandbox", "ssh-access", "create", "alpha");

        Assert.That((await Cli.RunAsync("sandbox", "ssh-access", "list")).Out, Is.EqualTo(
            "ID   SANDBOX  CREATED               EXPIRES               CONNECTIONS\n" +
            "ac1  alpha    2023-11-14T22:13:20Z  2023-11-14T23:13:20Z  0\n"));
        Assert.That(
            JsonNode.Parse((await Cli.RunAsync("sandbox", "ssh-access", "list", "alpha", "-o", "json")).Out)!.ToJsonString(),
            Is.EqualTo(JsonNode.Parse(
                """
                [{
                  "id": "ac1", "sandbox": "alpha", "workspace": "default",
                  "created_at": "2023-11-14T22:13:20Z", "expires_at": "2023-11-14T23:13:20Z", "connections": 0
                }]
                """)!.ToJsonString()));
    }

    [Test]
    public async Task List_None_SaysSo() =>
        Assert.That((await Cli.RunAsync("sandbox", "ssh-access", "list")).Out, Is.EqualTo("No access tokens found.\n"));

    [TestCase("list", "nobody")]
    [TestCase("create", "nobody")]
    [TestCase("revoke", "--sandbox", "nobody")]
    public async Task AnyOfThem_UnknownSandbox_ExitsWithThreeAndNamesIt(params string[] args) => Assert.That(
        await Cli.RunAsync(["sandbox", "ssh-access", .. args]),
        Is.EqualTo(new CliResult(3, "", "error: sandbox 'nobody' not found; see: openshell sandbox list\n")));

    [TestCase("ac1")]
    [TestCase("--sandbox", "alpha")]
    public async Task Revoke_OneOrAll_SaysHowMany(params string[] args)
    {
        await Cli.RunAsync("sandbox", "ssh-access", "create", "alpha");

        Assert.That(
            await Cli.RunAsync(["sandbox", "ssh-access", "revoke", .. args]), Is.EqualTo(new CliResult(0, "", "✓ Revoked 1 access token\n")));
        Assert.That(Gateway.SshAccess.Tokens, Is.Empty);
    }

    [Test]
    public async Task Key_AddListRemove_NameItByItsFingerprint()
    {
        var file = Cli.WriteFile("key.pub", "ssh-ed25519 AAAA me@here\n");

        Assert.That((await Cli.RunAsync("ssh-key", "add", file)).Error, Is.EqualTo("✓ Added ssh-ed25519 SHA256:AAAA\n"));
        Assert.That((await Cli.RunAsync("ssh-key", "list")).Out, Is.EqualTo(
            "FINGERPRINT  TYPE         COMMENT  CREATED\nSHA256:AAAA  ssh-ed25519  me@here  2023-11-14T22:13:20Z\n"));
        Assert.That(JsonNode.Parse((await Cli.RunAsync("ssh-key", "list", "-o", "json")).Out)!.ToJsonString(), Is.EqualTo(
            """[{"fingerprint":"SHA256:AAAA","type":"ssh-ed25519","comment":"me@here","created_at":"2023-11-14T22:13:20Z"}]"""));
        Assert.That((await Cli.RunAsync("ssh-key", "remove", "SHA256:AAAA")).Error, Is.EqualTo("✓ Removed SHA256:AAAA\n"));
        Assert.That(
            await Cli.RunAsync("ssh-key", "remove", "SHA256:AAAA"),
            Is.EqualTo(new CliResult(3, "", "error: ssh key 'SHA256:AAAA' not found\n")));
        Assert.That((await Cli.RunAsync("ssh-key", "list")).Out, Is.EqualTo("No keys found.\n"));
    }

    [Test]
    public async Task Key_PrivateOne_IsNotSent()
    {
        var file = Cli.WriteFile("key", "-----BEGIN OPENSSH PRIVATE KEY-----\n");

        var result = await Cli.RunAsync("ssh-key", "add", file);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("is a private key"));
        Assert.That(Gateway.SshAccess.Requests, Is.Empty);
    }
}
