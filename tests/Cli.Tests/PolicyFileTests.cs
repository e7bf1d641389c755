using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests;

[TestFixture]
internal sealed class PolicyFileTests : GatewayTestBase
{
    [Test]
    public async Task Create_Policy_IsSent()
    {
        var file = Cli.WriteFile("policy.yaml", """
            version: 1
            filesystem_policy:
              include_workdir: true
              read_only: [/usr, "/etc/ssl"]
              read_write:
                - /tmp
            landlock:
              compatibility: hard_requirement
            process:
              run_as_user: sandbox
              run_as_group: 1000
            """);

        var result = await Cli.RunAsync("sandbox", "create", "--no-wait", "--policy", file);

        Assert.That(result.Error, Is.Empty);
        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Policy, Is.EqualTo(new SandboxPolicy
        {
            Version = 1,
            Filesystem = new FilesystemPolicy { IncludeWorkdir = true, ReadOnly = { "/usr", "/etc/ssl" }, ReadWrite = { "/tmp" } },
            Landlock = new LandlockPolicy { Compatibility = "hard_requirement" },
            Process = new ProcessPolicy { RunAsUser = "sandbox", RunAsGroup = "1000" },
        }));
    }

    [Test]
    public async Task Create_NetworkPolicies_AreWarnedAbout()
    {
        var file = Cli.WriteFile("policy.yaml", "version: 1\nnetwork_policies:\n  web: { endpoints: [{ host: example.com }] }\n");

        var result = await Cli.RunAsync("sandbox", "create", "--no-wait", "--policy", file);

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Error, Is.EqualTo($"warning: {file}: network_policies are not enforced yet: the sandbox reaches nothing at all\n"));
    }

    [Test]
    public async Task Create_EmptyParts_AreNothing()
    {
        var file = Cli.WriteFile("policy.yaml", "version: 1\nlandlock:\nnetwork_policies: {}\nfilesystem_policy:\n  read_only:\n");

        var result = await Cli.RunAsync("sandbox", "create", "--no-wait", "--policy", file);

        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(Gateway.Request<CreateSandboxRequest>().Spec.Policy, Is.EqualTo(
            new SandboxPolicy { Version = 1, Landlock = new LandlockPolicy(), Filesystem = new FilesystemPolicy() }));
    }

    [TestCase("version: 2", "line 1: version is 1, not 2")]
    [TestCase("landlock: {}", "line 1: version is 1, not 0")]
    [TestCase("version: 1\nfilesytem: {}", "line 2: the policy has no key 'filesytem'")]
    [TestCase("version: 1\nprocess:\n  run_as: me", "line 3: process has no key 'run_as'")]
    [TestCase("version: 1\nlandlock: best_effort", "line 2: landlock is a mapping of keys to values")]
    [TestCase("version: 1\nfilesystem_policy: { include_workdir: maybe }", "line 2: include_workdir is true or false")]
    [TestCase("version: 1\nfilesystem_policy: { read_only: /usr }", "line 2: read_only is a list")]
    [TestCase("version: 1\nfilesystem_policy: { read_only: [[/usr]] }", "line 2: read_only is a text")]
    [TestCase("version: one", "line 1: version is a whole number from 0")]
    [TestCase("- version", "a policy is one YAML mapping")]
    [TestCase("", "a policy is one YAML mapping")]
    [TestCase("version: 1\nversion: 1", "line 2: ")]
    [TestCase("version: [1", "line ")]
    public async Task Create_BadPolicy_IsRefusedWithItsPlace(string text, string message)
    {
        var file = Cli.WriteFile("policy.yaml", text);

        var result = await Cli.RunAsync("sandbox", "create", "--policy", file);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.StartWith($"error: {file}, ").And.Contain(message));
        Assert.That(Gateway.Requests, Is.Empty);
    }

    [Test]
    public async Task Create_MissingPolicy_IsRefused()
    {
        var result = await Cli.RunAsync("sandbox", "create", "--policy", Path.Combine(Cli.Root, "none.yaml"));

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Error, Does.Contain("none.yaml cannot be read"));
    }
}
