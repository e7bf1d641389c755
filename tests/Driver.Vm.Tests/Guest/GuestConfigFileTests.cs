using Google.Protobuf;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class GuestConfigFileTests
{
    [Test]
    public async Task Write_Spec_IsWhatTheGuestReads()
    {
        using var directory = new TestDirectory();
        var path = directory.File("config");

        GuestConfigFile.Write(path, Specs.New("a") with { AwaitMainProcessAttachment = true }, new GuestImage("/i", "sandbox"), "t0ken", "boot-1");

        var config = GuestConfig.Parser.ParseFrom(await File.ReadAllBytesAsync(path));
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That((config.SandboxId, config.SandboxToken, config.InstanceId, config.Endpoint), Is.EqualTo(("a", "t0ken", "boot-1", "tcp:10.0.2.100:17670")));
        Assert.That(config.Command, Is.EqualTo(["sleep", "1"]));
        Assert.That(config.Environment["KEY"], Is.EqualTo("value"));
        Assert.That(config.AwaitMainProcessAttachment, Is.True);
        Assert.That(config.Policy, Is.Null);
        Assert.That(config.ImageUser, Is.EqualTo("sandbox"));
        Assert.That((config.Disks.ImageSerial, config.Disks.OverlaySerial, config.Network.Address), Is.EqualTo(("image", "overlay", "10.0.2.15/24")));
    }

    [Test]
    public async Task Write_Policy_IsWhatTheGuestReads()
    {
        using var directory = new TestDirectory();
        var path = directory.File("config");
        var policy = new SandboxPolicy { Version = 1, Filesystem = new FilesystemPolicy { ReadOnly = { "/usr" } } };

        GuestConfigFile.Write(path, Specs.New("a") with { Policy = policy.ToByteArray() }, new GuestImage("/i", ""), "t0ken", "boot-1");

        Assert.That(GuestConfig.Parser.ParseFrom(await File.ReadAllBytesAsync(path)).Policy, Is.EqualTo(policy));
    }
}
