using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

public class PolicyValidatorTests
{
    [Test]
    public void Check_FullPolicy_IsAccepted() => AssertAccepted(new SandboxPolicy
    {
        Version = 1,
        Filesystem = new FilesystemPolicy { IncludeWorkdir = true, ReadOnly = { "/", "/usr" }, ReadWrite = { "/tmp", "/srv/" + new string('x', 4091) } },
        Landlock = new LandlockPolicy { Compatibility = "hard_requirement" },
        Process = new ProcessPolicy { RunAsUser = "sandbox", RunAsGroup = "4294967294" },
    });

    [Test]
    public void Check_EmptyPolicy_IsAccepted() => AssertAccepted(new SandboxPolicy());

    [Test]
    public void Check_UnknownVersion_IsRefused() =>
        AssertRefused(new SandboxPolicy { Version = 2 }, "policy.version 2 is not known; this gateway knows version 1");

    [Test]
    public void Check_ManyPaths_AreRefused()
    {
        var policy = new SandboxPolicy { Filesystem = new FilesystemPolicy { ReadOnly = { Enumerable.Repeat("/a", 200) }, ReadWrite = { Enumerable.Repeat("/b", 56) } } };
        AssertAccepted(policy);
        policy.Filesystem.ReadWrite.Add("/c");
        AssertRefused(policy, "policy.filesystem has 257 paths; at most 256 are allowed");
    }

    [TestCase("usr", "policy.filesystem.read_only: 'usr' is not an absolute path")]
    [TestCase("", "policy.filesystem.read_only: '' is not an absolute path")]
    [TestCase("/usr/../etc", "policy.filesystem.read_only: '/usr/../etc' contains '..'")]
    public void Check_BadPath_IsRefused(string path, string message) =>
        AssertRefused(new SandboxPolicy { Filesystem = new FilesystemPolicy { ReadOnly = { path } } }, message);

    [Test]
    public void Check_LongPath_IsRefused() => AssertRefused(
        new SandboxPolicy { Filesystem = new FilesystemPolicy { ReadWrite = { "/" + new string('x', 4096) } } },
        "policy.filesystem.read_write: a path has 4097 characters; at most 4096 are allowed");

    [TestCase("/")]
    [TestCase("//")]
    [TestCase("/./")]
    public void Check_WritableRoot_IsRefused(string path) => AssertRefused(
        new SandboxPolicy { Filesystem = new FilesystemPolicy { ReadWrite = { path } } },
        $"policy.filesystem.read_write: '{path}' would make everything writable; name directories below it");

    [TestCase("/..name")]
    [TestCase("/a..b/c")]
    public void Check_DotsInAName_AreAccepted(string path) =>
        AssertAccepted(new SandboxPolicy { Filesystem = new FilesystemPolicy { ReadWrite = { path } } });

    [Test]
    public void Check_Compatibility_IsOneOfTwo() => AssertRefused(
        new SandboxPolicy { Landlock = new LandlockPolicy { Compatibility = "strict" } },
        "policy.landlock.compatibility is best_effort or hard_requirement, not 'strict'");

    [TestCase("0")]
    [TestCase("root")]
    [TestCase("4294967295")]
    [TestCase("99999999999999999999")]
    [TestCase("1:1")]
    [TestCase("a b")]
    [TestCase("-1")]
    public void Check_BadIdentity_IsRefused(string value)
    {
        const string Rule = "is a name other than root, or an id from 1 to 4294967294, not";
        AssertRefused(new SandboxPolicy { Process = new ProcessPolicy { RunAsUser = value } }, $"policy.process.run_as_user {Rule} '{value}'");
        AssertRefused(new SandboxPolicy { Process = new ProcessPolicy { RunAsGroup = value } }, $"policy.process.run_as_group {Rule} '{value}'");
    }

    [Test]
    public void Check_LargePolicy_IsRefused() => AssertRefused(
        new SandboxPolicy { NetworkPolicies = { ["a"] = new NetworkPolicyRule { Name = new string('x', 256 * 1024) } } },
        "policy serialized size exceeds maximum (262159 > 262144)");

    private static CreateSandboxRequest Request(SandboxPolicy policy) => new() { Spec = new SandboxSpec { Policy = policy } };

    private static void AssertAccepted(SandboxPolicy policy) =>
        Assert.That(() => CreateSandboxValidator.CheckContent(Request(policy)), Throws.Nothing);

    private static void AssertRefused(SandboxPolicy policy, string message) =>
        RefusalAssert.InvalidArgument(() => CreateSandboxValidator.CheckContent(Request(policy)), message);
}
