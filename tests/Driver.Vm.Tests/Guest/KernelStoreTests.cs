using System.Security.Cryptography;
using System.Text;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class KernelStoreTests
{
    private TestDirectory _directory = null!;
    private DriverOptions _options = null!;
    private StateLayout _layout = null!;

    private string Source => Path.Combine(_options.GuestDirectory, "kernel");

    [SetUp]
    public void SetUp()
    {
        _directory = new TestDirectory();
        _options = TestOptions.New(_directory.Path);
        _layout = new StateLayout(_options.StateDirectory);
        _layout.Create();
        GuestDirectory.WriteKernel(Source);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task GetAsync_GoodFiles_AreCopied()
    {
        var kernel = await GetAsync();

        Assert.That(kernel.KernelPath, Does.StartWith(_layout.KernelDirectory));
        Assert.That(await File.ReadAllTextAsync(kernel.KernelPath), Is.EqualTo(GuestDirectory.KernelText));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(kernel.ModulesDirectory, "order")), Is.EqualTo(GuestDirectory.OrderText));
    }

    [Test]
    public async Task GetAsync_ChangedSource_IsRefusedWithItsName()
    {
        await File.AppendAllTextAsync(Path.Combine(Source, "vmlinux"), "evil");

        await Assert.ThatAsync(
            GetAsync,
            Throws.InstanceOf<GuestFilesException>().With.Message.Contains("vmlinux has been changed").And.Message.Contains(Hash(GuestDirectory.KernelText + "evil")));
    }

    [Test]
    public async Task GetAsync_ChangedCopy_IsMadeAnew()
    {
        var kernel = await GetAsync();
        await File.AppendAllTextAsync(kernel.KernelPath, "evil");

        Assert.That(await File.ReadAllTextAsync((await GetAsync()).KernelPath), Is.EqualTo(GuestDirectory.KernelText));
    }

    [Test]
    public async Task GetAsync_NoManifest_SaysHowToMakeOne()
    {
        File.Delete(Path.Combine(Source, "manifest.json"));

        await Assert.ThatAsync(GetAsync, Throws.InstanceOf<GuestFilesException>().With.Message.Contains("images/kernel/build.sh"));
    }

    [TestCase("{")]
    [TestCase("{}")]
    [TestCase("""{"kernelVersion": "1", "files": []}""")]
    [TestCase("""{"kernelVersion": "1", "files": [{"path": "vmlinux", "sha256": "0"}, {"path": "../x", "sha256": "0"}]}""")]
    public async Task GetAsync_BadManifest_IsRefused(string manifest)
    {
        await File.WriteAllTextAsync(Path.Combine(Source, "manifest.json"), manifest);

        await Assert.ThatAsync(GetAsync, Throws.InstanceOf<GuestFilesException>().With.Message.Contains("manifest"));
    }

    private async Task<GuestKernel> GetAsync()
    {
        using var store = new KernelStore(_options, _layout);
        return await store.GetAsync(CancellationToken.None);
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
