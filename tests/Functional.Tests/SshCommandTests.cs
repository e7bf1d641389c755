using System.Diagnostics;
using System.Security.Cryptography;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The commands that lead the system's ssh into a sandbox: connect, ssh-config and the ssh-proxy under both.</summary>
public sealed class SshCommandTests : FunctionalTest
{
    private string _name = "";

    [SetUp]
    public async Task CreateAsync() => _name = (await Gateway.CreateReadyAsync()).Metadata.Name;

    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    public async Task Connect_Command_PrintsItsOutputAndEndsWithItsCode(string end, int code)
    {
        var outcome = await RunAsync([], "sandbox", "connect", _name, "--", $"echo out; echo err >&2; {end}");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((code, "out\n")), outcome.Error);
        Assert.That(outcome.Error, Is.EqualTo("err\n"), "nothing of ssh or of ours comes between");
    }

    [Test]
    public async Task Connect_SixtyFourMebibytesThroughCat_ComeBackWhole()
    {
        var sent = RandomNumberGenerator.GetBytes(64 * 1024 * 1024);

        var outcome = await RunAsync(sent, "sandbox", "connect", _name, "--", "cat");

        Assert.That(outcome.ExitCode, Is.Zero, outcome.Error);
        Assert.That(SHA256.HashData(outcome.Out), Is.EqualTo(SHA256.HashData(sent)));
    }

    [Test]
    public async Task Connect_WithoutName_TakesTheLastOneAndSaysSo()
    {
        await RunAsync([], "sandbox", "connect", _name, "--", "true");
        await Gateway.CreateReadyAsync();

        var outcome = await RunAsync([], "sandbox", "connect", "--", "echo here");

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((0, "here\n")), outcome.Error);
        Assert.That(outcome.Error, Does.Contain(_name));
    }

    [Test]
    public async Task SshConfig_Block_LeadsPlainSshIn()
    {
        using var ssh = await StartSshAsync("echo through; exit 5");
        var output = await Eventually.EndsAsync(ssh.StandardOutput.ReadToEndAsync(), "ssh ends");
        await ssh.WaitForExitAsync();

        Assert.That((ssh.ExitCode, output), Is.EqualTo((5, "through\n")), await ssh.StandardError.ReadToEndAsync());
    }

    [Test]
    public async Task Proxy_SshIsKilled_EndsToo()
    {
        using var ssh = await StartSshAsync("echo started; sleep 1000");
        Assert.That(await Eventually.EndsAsync(ssh.StandardOutput.ReadLineAsync(), "the command starts"), Is.EqualTo("started"));
        Assert.That(Proxies(), Is.Not.Empty);

        ssh.Kill();

        await Eventually.BecomesTrueAsync(() => !Proxies().Any(), "ssh-proxy ends when ssh was killed");
    }

    [Test]
    public async Task Connect_NoCommand_IsAClientOfTheMainProcess()
    {
        var main = await Gateway.CreateReadyAsync(spec: new SandboxSpec { Command = { "sh", "-c", "echo began; read -r line; echo got $line; exit 5" } });

        var outcome = await RunAsync("typed\n"u8.ToArray(), "sandbox", "connect", main.Metadata.Name);

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((5, "began\ngot typed\n")), outcome.Error);
    }

    [TestCase("--gateway $2 --sandbox $1 --token $3 --gateway-name here")]
    [TestCase("--gateway $2 --sandbox $1 --token $3")]
    [TestCase("--gateway-name here --name $1")]
    public async Task Proxy_AsOtherClientsWriteIt_LeadsToTheSandbox(string options)
    {
        var session = await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = _name });

        var outcome = await CliProcess.ScriptAsync(Gateway, Directory, $"""
            openshell gateway add "$2" --name here 2>/dev/null
            unset OPENSHELL_GATEWAY_ENDPOINT
            ssh -F none -T -o ProxyCommand="openshell ssh-proxy {options}" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
              -o LogLevel=ERROR root@box echo here
            """, _name, Gateway.LocalEndpoint, session.Token);

        Assert.That((outcome.ExitCode, outcome.Text), Is.EqualTo((0, "here\n")), outcome.Error);
    }

    [Test]
    public async Task Connect_NoSuchSandbox_ThreeAndSaysSo()
    {
        var outcome = await RunAsync([], "sandbox", "connect", "nobody");

        Assert.That(outcome.ExitCode, Is.EqualTo(3));
        Assert.That(outcome.Error, Does.StartWith("error: ").And.Contain("not found"));
    }

    private async Task<Process> StartSshAsync(string command)
    {
        var config = await RunAsync([], "sandbox", "ssh-config", _name);
        Assert.That(config.ExitCode, Is.Zero, config.Error);
        var file = Directory.File("ssh_config");
        await File.WriteAllBytesAsync(file, config.Out);
        var alias = config.Text.Split('\n')[0]["Host ".Length..];
        return Process.Start(new ProcessStartInfo("ssh", ["-F", file, alias, command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["XDG_STATE_HOME"] = Directory.File("state"), ["XDG_CONFIG_HOME"] = Directory.File("config") },
        })!;
    }

    // Those of this test: the path of its token is in their command lines.
    private IEnumerable<string> Proxies()
    {
        foreach (var process in System.IO.Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (IOException)
            {
                // It has ended.
                continue;
            }

            if (line.Contains("\0ssh-proxy\0", StringComparison.Ordinal) && line.Contains(Directory.Path, StringComparison.Ordinal))
            {
                yield return line;
            }
        }
    }

    private Task<CliOutcome> RunAsync(byte[]? input, params string[] arguments) => CliProcess.RunAsync(Gateway, Directory, input, arguments);
}
