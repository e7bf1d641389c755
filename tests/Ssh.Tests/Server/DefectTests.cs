using OpenShell.Ssh.Abstractions;
using OpenShell.TestKit;

namespace OpenShell.Ssh.Tests.Server;

/// <summary>What nobody expected is told, and the server goes on.</summary>
public sealed class DefectTests : ServerTest
{
    [Test]
    public async Task Work_Throws_ClosesItsChannelOnly()
    {
        Start(new FakeAuthenticator { User = "root" });

        var broken = await RunAsync("-l", "root", SshClient.Host, FakeHandler.Defect);

        Assert.That(broken.ExitCode, Is.EqualTo(255), broken.Error);
        Assert.That((await RunAsync("-l", "root", SshClient.Host, "hello")).Text, Is.EqualTo("hello"));
        Assert.That(Defects.Single(), Is.InstanceOf<InvalidOperationException>().With.Message.EqualTo(FakeHandler.Defect));
    }

    [Test]
    public async Task Authenticator_Throws_OthersComeIn()
    {
        Start(new FakeAuthenticator { User = "root" }, new SshServerOptions { AuthenticationTimeout = TimeSpan.FromSeconds(1) });

        var broken = await RunAsync("-l", FakeAuthenticator.Defect, SshClient.Host, "hello");

        Assert.That(broken.ExitCode, Is.EqualTo(255), broken.Error);
        Assert.That((await RunAsync("-l", "root", SshClient.Host, "hello")).Text, Is.EqualTo("hello"));
        Assert.That(Defects, Has.Count.EqualTo(1));
    }
}
