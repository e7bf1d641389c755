using OpenShell.Protocol.Policies;
using OpenShell.Protocol.Sandbox.V1;

namespace OpenShell.Protocol.Tests.Policies;

public sealed class StaticPolicyTests
{
    private static readonly SandboxPolicy Policy = new()
    {
        Filesystem = new FilesystemPolicy { ReadOnly = { "/usr" }, ReadWrite = { "/tmp" } },
        Process = new ProcessPolicy { RunAsUser = "sandbox" },
    };

    [Test]
    public void Digest_PartsThatAreNotForGuests_DoNotCount()
    {
        var whole = Policy.Clone();
        whole.Version = 1;
        whole.NetworkPolicies.Add("web", new NetworkPolicyRule { Name = "web" });
        whole.NetworkMiddlewares.Add("log", new NetworkMiddlewareConfig { Name = "log" });

        Assert.That(StaticPolicy.Digest(whole), Is.EqualTo(StaticPolicy.Digest(Policy)));
        Assert.That(StaticPolicy.Digest(StaticPolicy.Of(whole)), Is.EqualTo(StaticPolicy.Digest(Policy)));
        Assert.That(StaticPolicy.Of(whole)!.NetworkPolicies, Is.Empty);
    }

    [Test]
    public void Digest_AnyOtherPart_Counts()
    {
        SandboxPolicy[] others =
        [
            new(),
            With(p => p.Filesystem.ReadOnly.Add("/etc")),
            With(p => p.Filesystem.IncludeWorkdir = true),
            With(p => p.Landlock = new LandlockPolicy { Compatibility = "hard_requirement" }),
            With(p => p.Process.RunAsUser = "root"),
            With(p => p.Process = null),
        ];
        var digests = others.Append(Policy).Select(StaticPolicy.Digest).Append(StaticPolicy.Digest(null)).ToList();

        Assert.That(digests, Is.Unique);
        Assert.That(digests, Has.None.Empty);
    }

    [Test]
    public void Of_PolicyThatAsksForNothing_IsStillOne() => Assert.That(StaticPolicy.Of(new SandboxPolicy())!.CalculateSize(), Is.Positive);

    private static SandboxPolicy With(Action<SandboxPolicy> change)
    {
        var policy = Policy.Clone();
        change(policy);
        return policy;
    }
}
