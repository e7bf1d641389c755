using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class OverlayDiskTests
{
    // Where ext4 keeps its magic number: in the superblock at 1024, at 56.
    private const int MagicOffset = 1024 + 56;

    [Test]
    public async Task CreateAsync_Size_IsAnExt4OfThatSizeForItsOwnerOnly()
    {
        using var directory = new TestDirectory();
        var path = directory.File("overlay.ext4");

        await new OverlayDisk(TestOptions.New(directory.Path)).CreateAsync(path, ByteCount.FromMebibytes(64), CancellationToken.None);

        await using var file = File.OpenRead(path);
        file.Seek(MagicOffset, SeekOrigin.Begin);
        Assert.That((file.ReadByte(), file.ReadByte()), Is.EqualTo((0x53, 0xef)));
        Assert.That(file.Length, Is.EqualTo(64L << 20));
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task CreateAsync_CannotBeFormatted_ReportsItAndLeavesNoDisk()
    {
        using var directory = new TestDirectory();
        var path = directory.File("overlay.ext4");

        await Assert.ThatAsync(
            () => new OverlayDisk(TestOptions.New(directory.Path)).CreateAsync(path, new ByteCount(1), CancellationToken.None),
            Throws.InstanceOf<IOException>().With.Message.Contains("mke2fs"));
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public async Task CreateAsync_SomethingIsThere_IsLeftAlone()
    {
        using var directory = new TestDirectory();
        var path = directory.File("overlay.ext4");
        await File.WriteAllTextAsync(path, "worth something");

        await Assert.ThatAsync(
            () => new OverlayDisk(TestOptions.New(directory.Path)).CreateAsync(path, ByteCount.FromMebibytes(64), CancellationToken.None),
            Throws.InstanceOf<IOException>().With.Message.Contains("left alone"));
        Assert.That(await File.ReadAllTextAsync(path), Is.EqualTo("worth something"));
    }
}
