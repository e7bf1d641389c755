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

    [TestCase(2, "Terminate")]
    [TestCase(3, "Passthrough")]
    [TestCase(9, "9")]
    public void Check_TlsModeOfAnEndpoint_IsUnsetOrSkip(int mode, string word)
    {
        const string Field = "policy.network_policies[web].endpoints[1].tls";
        var policy = new SandboxPolicy
        {
            NetworkPolicies = { ["web"] = new NetworkPolicyRule { Endpoints = { new NetworkEndpoint(), new NetworkEndpoint { Tls = NetworkTlsMode.Skip } } } },
        };
        AssertAccepted(policy);
        policy.NetworkPolicies["web"].Endpoints[1].Tls = (NetworkTlsMode)mode;
        AssertRefused(policy, $"{Field} is unset, which handles TLS by itself, or SKIP; {word} is not possible");
    }

    [Test]
    public void Check_UnknownEnforcementOrAccess_IsRefused()
    {
        AssertRefused(
            With(new NetworkEndpoint { Enforcement = (NetworkEnforcementMode)9 }), "policy.network_policies[web].endpoints[0].enforcement 9 is not known");
        AssertRefused(With(new NetworkEndpoint { Access = (NetworkAccessPreset)9 }), "policy.network_policies[web].endpoints[0].access 9 is not known");

        static SandboxPolicy With(NetworkEndpoint endpoint) =>
            new() { NetworkPolicies = { ["web"] = new NetworkPolicyRule { Endpoints = { endpoint } } } };
    }

    [Test]
    public void Check_Middlewares_AreAtMostTen()
    {
        var policy = new SandboxPolicy();
        for (var i = 0; i < 10; i++)
        {
            policy.NetworkMiddlewares[$"m{i}"] = new NetworkMiddlewareConfig();
        }

        AssertAccepted(policy);
        policy.NetworkMiddlewares["m10"] = new NetworkMiddlewareConfig();
        AssertRefused(policy, "policy.network_middlewares has 11 entries; at most 10 are allowed");
    }

    [Test]
    public void Check_SelectorOfAMiddleware_HasAtMost32Patterns()
    {
        var selector = new MiddlewareEndpointSelector { Include = { Enumerable.Repeat("*.a", 30) }, Exclude = { "b", "c" } };
        var policy = new SandboxPolicy { NetworkMiddlewares = { ["m"] = new NetworkMiddlewareConfig { Endpoints = selector } } };
        AssertAccepted(policy);
        selector.Exclude.Add("d");
        AssertRefused(policy, "policy.network_middlewares[m].endpoints has 33 patterns; at most 32 are allowed");
    }

    private static CreateSandboxRequest Request(SandboxPolicy policy) => new() { Spec = new SandboxSpec { Policy = policy } };

    private static void AssertAccepted(SandboxPolicy policy) =>
        Assert.That(() => CreateSandboxValidator.CheckContent(Request(policy)), Throws.Nothing);

    private static void AssertRefused(SandboxPolicy policy, string message) =>
        RefusalAssert.InvalidArgument(() => CreateSandboxValidator.CheckContent(Request(policy)), message);
}
