using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Tests.Fakes;

namespace OpenShell.Driver.Vm.Tests.Qemu;

[TestFixture]
internal sealed class QemuCommandLineTests
{
    [Test]
    public void Build_Emulated_UsesTcgAndTheRequestedSize()
    {
        var line = string.Join(' ', QemuCommandLine.Build(Machine()));

        Assert.That(line, Does.Contain("-accel tcg,").And.Contain("-cpu max").And.Contain("-smp 3").And.Contain("-m 512M"));
    }

    [Test]
    public void Build_Kvm_UsesTheHostsProcessor()
    {
        var line = string.Join(' ', QemuCommandLine.Build(Machine() with { Accelerator = Accelerator.Kvm }));

        Assert.That(line, Does.Contain("-accel kvm -cpu host"));
    }

    [Test]
    public void Build_Always_TakesNothingFromTheHost()
    {
        var arguments = QemuCommandLine.Build(Machine());

        Assert.That(arguments, Does.Contain("-nodefaults").And.Contain("-no-user-config").And.Contain("-no-reboot").And.Not.Contain("-daemonize"));
    }

    [TestCase(true, "on,obsolete=deny,resourcecontrol=deny,elevateprivileges=deny,spawn=deny")]
    [TestCase(false, "on,obsolete=deny,resourcecontrol=deny")]
    public void Build_Network_SpawnsOnlyWhereItsNetworkNeedsHelpers(bool hasOwnNetwork, string sandbox)
    {
        Assert.That(After(QemuCommandLine.Build(Machine() with { HasOwnNetwork = hasOwnNetwork }), "-sandbox"), Is.EqualTo(sandbox));
    }

    [Test]
    public void UplinkNetwork_Always_HasNoIPv6AndForwardsNothing()
    {
        Assert.That(
            new UplinkNetwork("10.0.2.100").Arguments.ElementAt(1), Is.EqualTo("user,id=net,ipv6=off,restrict=off,host=10.0.2.100"));
    }

    [Test]
    public void Build_WithoutInitramfs_NamesNone()
    {
        Assert.That(QemuCommandLine.Build(Machine() with { InitramfsPath = null }), Does.Not.Contain("-initrd"));
    }

    [Test]
    public void Network_Always_IsRestrictedAndForwardsOneAddressToTheHelper()
    {
        var network = new RestrictedNetwork("10.0.2.100:17670", ["/a b/it's, me", "uplink", "unix:/run/x,y"]);

        Assert.That(
            network.Arguments.ElementAt(1),
            Is.EqualTo(@"user,id=net,ipv6=off,restrict=on,guestfwd=tcp:10.0.2.100:17670-cmd:'/a b/it'\''s,, me' 'uplink' 'unix:/run/x,,y'"));
    }

    [Test]
    public void Disk_PathWithComma_IsEscaped()
    {
        Assert.That(
            new VirtioDisk("image", "/a,b/c.squashfs", ReadOnly: true).Arguments.ElementAt(1),
            Does.Contain("file.filename=/a,,b/c.squashfs").And.Contain("read-only=on"));
    }

    [TestCase("a\nb")]
    [TestCase("a\0b")]
    [TestCase("a\u001bb")]
    public void Value_ControlCharacter_IsRefused(string text)
    {
        Assert.That(() => QemuText.Value(text), Throws.ArgumentException);
    }

    private static string After(IReadOnlyList<string> arguments, string option) => arguments[arguments.ToList().IndexOf(option) + 1];

    private static QemuMachine Machine() => TestMachines.New("/run/pid");
}
