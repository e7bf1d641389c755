using System.Text;
using OpenShell.Driver.Vm.Configuration;
using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class InitramfsStoreTests
{
    private TestDirectory _directory = null!;
    private DriverOptions _options = null!;
    private StateLayout _layout = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TestDirectory();
        _options = TestOptions.New(_directory.Path);
        _layout = new StateLayout(_options.StateDirectory);
        _layout.Create();
        GuestDirectory.Write(_options.GuestDirectory);
        File.WriteAllText(_options.SupervisorPath, "supervisor 1");
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task GetAsync_Twice_MakesItOnce()
    {
        var first = await GetAsync();
        var second = await GetAsync();

        Assert.That(first.WasThere, Is.False);
        Assert.That(second, Is.EqualTo(first with { WasThere = true }));
    }

    [Test]
    public async Task GetAsync_NewSupervisor_MakesItAnewAndRemovesTheOld()
    {
        await GetAsync();
        await File.WriteAllTextAsync(_options.SupervisorPath, "supervisor 2");

        var made = await GetAsync();

        Assert.That(Directory.GetFiles(_layout.InitramfsDirectory), Is.EqualTo([made.Path]));
        Assert.That(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(made.Path)), Does.Contain("supervisor 2").And.Contain("modules/virtio.ko"));
    }

    [TestCase("")]
    [TestCase("rubbish")]
    public async Task GetAsync_DamagedOne_IsMadeAnew(string content)
    {
        var made = await GetAsync();
        var whole = await File.ReadAllBytesAsync(made.Path);
        await File.WriteAllTextAsync(made.Path, content);

        var again = await GetAsync();

        Assert.That(again.WasThere, Is.False);
        Assert.That(await File.ReadAllBytesAsync(again.Path), Is.EqualTo(whole));
    }

    [Test]
    public async Task GetAsync_SftpServerInTheGuestDirectory_IsPartOfIt()
    {
        var without = await GetAsync();
        Directory.CreateDirectory(Path.Combine(_options.GuestDirectory, "sftp"));
        await File.WriteAllTextAsync(Path.Combine(_options.GuestDirectory, "sftp", "sftp-server"), "an sftp-server");

        var made = await GetAsync();

        Assert.That(made.Path, Is.Not.EqualTo(without.Path));
        Assert.That(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(made.Path)), Does.Contain("sftp/sftp-server").And.Contain("an sftp-server"));
    }

    [Test]
    public async Task GetAsync_NoSupervisor_SaysWhichOption()
    {
        File.Delete(_options.SupervisorPath);

        await Assert.ThatAsync(GetAsync, Throws.InstanceOf<GuestFilesException>().With.Message.Contains("--supervisor"));
    }

    private async Task<Initramfs> GetAsync()
    {
        using var kernels = new KernelStore(_options, _layout);
        using var store = new InitramfsStore(_options, _layout);
        return await store.GetAsync(await kernels.GetAsync(CancellationToken.None), CancellationToken.None);
    }
}
