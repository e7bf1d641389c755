using System.Text.RegularExpressions;
using Google.Protobuf.WellKnownTypes;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Vm;

/// <summary>
/// Base of the tests with Debian in the guest: one machine for all of them, and scripts on the host with the real programs.
/// What they find in their environment leads them in, by one of two routes.
/// </summary>
public abstract partial class DebianTest : VmFixture
{
    /// <summary>The image that images/debian/build.sh makes.</summary>
    private const string Image = "debian";

    private readonly Dictionary<SshRoute, string> _hosts = [];
    private Sandbox _sandbox = null!;

    protected override string[] GatewayArguments => ["--ssh-bind", "127.0.0.1:0"];

    /// <summary>The command of an interactive session, for a shell that has the environment of scripts.</summary>
    protected const string Interactive = "ssh -F $CONFIG $HOST";

    [OneTimeSetUp]
    public async Task BootDebianAsync()
    {
        if (!File.Exists(Path.Combine(TestPaths.Bin, "guest", "images", $"{Image}.squashfs")))
        {
            throw new AssertionException($"the image {Image} is missing: run images/debian/build.sh {TestPaths.Bin}/guest/images/{Image}.squashfs");
        }

        await StartAllAsync();
        // More processors than one: what clocks and locks get wrong in an emulated machine shows then.
        var resources = Struct.Parser.ParseJson("""{"limits": {"cpu": "2"}}""");
        _sandbox = await BootAsync(new SandboxSpec { Template = new SandboxTemplate { Image = Image, Resources = resources } });
        await WriteProxyConfigAsync();
        await WriteGatewayConfigAsync();
    }

    [OneTimeTearDown]
    public Task StopDebianAsync() => StopAllAsync();

    /// <summary>Its name.</summary>
    protected string Name => _sandbox.Metadata.Name;

    /// <summary>Runs a shell script in the sandbox, without ssh.</summary>
    protected Task<ExecOutcome> InGuestAsync(string script) => ShellAsync(_sandbox, script);

    /// <summary>
    /// Runs a script of bash on the host, in the test's directory, which must succeed. <c>$CONFIG</c> is a configuration of
    /// ssh, <c>$HOST</c> its host; git and rsync use it by themselves; <c>$ROUTE</c> is for names that both routes use.
    /// </summary>
    /// <returns>Its output.</returns>
    protected async Task<string> OnHostAsync(SshRoute route, string script)
    {
        var config = ConfigOf(route);
        var outcome = await SshClient.RunAsync(
            "env",
            [],
            [
                "-C", Directory.Path, $"CONFIG={config}", $"HOST={_hosts[route]}", $"ROUTE={route}",
                $"GIT_SSH_COMMAND=ssh -F {config}", $"RSYNC_RSH=ssh -F {config}",
                $"XDG_STATE_HOME={Directory.File("state")}", $"XDG_CONFIG_HOME={Directory.File("config")}", $"HOME={Directory.Path}",
                $"OPENSHELL_GATEWAY_ENDPOINT={Gateway.LocalEndpoint}",
                "bash", "-euo", "pipefail", "-c", script,
            ]);
        Assert.That(outcome.ExitCode, Is.Zero, $"{route}: {script}\n{outcome.Text}{outcome.Error}");
        return outcome.Text;
    }

    private string ConfigOf(SshRoute route) => Directory.File($"{route}.conf");

    private async Task WriteProxyConfigAsync()
    {
        var config = await CliProcess.RunAsync(Gateway, Directory, [], "sandbox", "ssh-config", _sandbox.Metadata.Name);
        Assert.That(config.ExitCode, Is.Zero, config.Error);
        _hosts[SshRoute.Proxy] = config.Text.Split('\n')[0]["Host ".Length..];
        await File.WriteAllBytesAsync(ConfigOf(SshRoute.Proxy), config.Out);
    }

    // The token is in the file, not in the arguments of every program.
    private async Task WriteGatewayConfigAsync()
    {
        var access = await CliProcess.RunAsync(Gateway, Directory, [], "sandbox", "ssh-access", "create", _sandbox.Metadata.Name);
        var match = SshCommand().Match(access.Text);
        Assert.That(match.Success, Is.True, access.Text + access.Error);
        _hosts[SshRoute.Gateway] = "public";
        await File.WriteAllTextAsync(
            ConfigOf(SshRoute.Gateway),
            $"""
            Host public
                HostName {match.Groups["host"].Value}
                Port {match.Groups["port"].Value}
                User {match.Groups["token"].Value}
                StrictHostKeyChecking no
                UserKnownHostsFile /dev/null
                IdentityFile none
                IdentityAgent none
                LogLevel ERROR

            """);
    }

    [GeneratedRegex(@"ssh -p (?<port>\d+) (?<token>\S+)@(?<host>\S+)")]
    private static partial Regex SshCommand();
}
