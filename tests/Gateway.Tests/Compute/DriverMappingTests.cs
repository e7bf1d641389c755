using Google.Protobuf;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Policies;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Compute;

public class DriverMappingTests
{
    [Test]
    public void ToDriver_Policy_GoesWithoutItsNetworkPart()
    {
        var policy = new SandboxPolicy
        {
            Filesystem = new FilesystemPolicy { IncludeWorkdir = true, ReadOnly = { "/usr" }, ReadWrite = { "/tmp" } },
            Landlock = new LandlockPolicy { Compatibility = "hard_requirement" },
            Process = new ProcessPolicy { RunAsUser = "sandbox" },
        };
        var asked = new SandboxPolicy(policy) { NetworkPolicies = { ["web"] = new NetworkPolicyRule { Name = "web" } } };

        var driver = Map(new SandboxSpec { Policy = asked });

        Assert.That(driver, Is.EqualTo(new SandboxPolicy(policy) { Version = 1 }));
    }

    // A driver's sandbox in a new database goes on under what it has.
    [Test]
    public void ToMachine_Policy_IsTheOneThatTheNextTokenIsMadeFor()
    {
        var policy = new SandboxPolicy { Version = 1, Filesystem = new FilesystemPolicy { ReadWrite = { "/tmp" } } };
        var machine = DriverMapping.ToMachine(new Protocol.Compute.V1.DriverSandbox { Id = "a", Name = "a", Spec = new Protocol.Compute.V1.DriverSandboxSpec { Policy = policy } });

        Assert.That(
            DriverMapping.PolicyDigest(SandboxRecords.Create() with { Spec = machine.Spec }), Is.EqualTo(StaticPolicy.Digest(policy)));
    }

    [Test]
    public void ToDriver_EmptyPolicy_IsStillOne()
    {
        Assert.That(Map(new SandboxSpec { Policy = new SandboxPolicy() })!.ToByteArray(), Is.Not.Empty);
        Assert.That(Map(new SandboxSpec()), Is.Null);
    }

    private static SandboxPolicy? Map(SandboxSpec spec)
    {
        var record = new SandboxRecord
        {
            Id = "a",
            Name = "a",
            Workspace = "default",
            Spec = spec.ToByteArray(),
            CreatedAt = DateTimeOffset.UnixEpoch,
        };
        return DriverMapping.ToDriver(record, "").Spec.Policy;
    }
}
