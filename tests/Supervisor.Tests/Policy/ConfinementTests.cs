using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Policy;

namespace OpenShell.Supervisor.Tests.Policy;

/// <summary>Who runs what names no user.</summary>
public sealed class ConfinementTests
{
    [TestCase("", "", "", "")]
    [TestCase("", "", "1000:1000", "1000:1000")]
    [TestCase("nobody", "", "1000", "nobody")]
    [TestCase("nobody", "tty", "1000", "nobody:tty")]
    [TestCase("", "tty", "1000", "0:tty")]
    public void DefaultUser_PolicyAndImage_PolicyComesFirst(string user, string group, string imageUser, string expected)
    {
        var policy = new SandboxPolicy { Process = new ProcessPolicy { RunAsUser = user, RunAsGroup = group } };

        Assert.That(new Confinement(policy, imageUser, new SupervisorLog()).DefaultUser, Is.EqualTo(expected));
    }

    [Test]
    public void DefaultUser_NoPolicy_IsTheImages() =>
        Assert.That(new Confinement(null, "sandbox", new SupervisorLog()).DefaultUser, Is.EqualTo("sandbox"));
}
