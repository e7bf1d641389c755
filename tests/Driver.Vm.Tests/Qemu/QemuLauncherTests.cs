using OpenShell.Driver.Vm.Qemu;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Qemu;

/// <summary>With shell scripts in QEMU's place.</summary>
[TestFixture]
internal sealed class QemuLauncherTests
{
    private TestDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TestDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public async Task LaunchAsync_QemuRefuses_ReturnsItsWords()
    {
        var launch = await LaunchAsync("echo \"no such machine\" >&2; exit 1");

        Assert.That(launch, Is.EqualTo(QemuLaunch.Failed("no such machine")));
    }

    [Test]
    public async Task LaunchAsync_QemuFailsSilently_SaysSo()
    {
        Assert.That((await LaunchAsync("exit 3")).Error, Does.Contain("exit code 3"));
    }

    [Test]
    public async Task LaunchAsync_QemuDetaches_ReturnsTheProcess()
    {
        var launch = await LaunchAsync($"sleep 600 >/dev/null 2>&1 </dev/null & echo $! > '{_directory.File("pid")}'");

        Assert.That(launch.Error, Is.Null);
        Assert.That(launch.Process!.Kill(), Is.True);
        Assert.That(await launch.Process.WaitForEndAsync(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None), Is.True);
    }

    [Test]
    public async Task LaunchAsync_QemuIsGoneAlready_SaysSo()
    {
        Assert.That((await LaunchAsync("exit 0")).Error, Does.Contain("ended right after"));
    }

    [Test]
    public async Task LaunchAsync_Always_PassesOnNothingButPath()
    {
        Environment.SetEnvironmentVariable("OPENSHELL_TEST_SECRET", "s3cret");
        try
        {
            await LaunchAsync($"cat /proc/self/environ > '{_directory.File("environ")}'");
        }
        finally
        {
            Environment.SetEnvironmentVariable("OPENSHELL_TEST_SECRET", null);
        }

        Assert.That(await File.ReadAllTextAsync(_directory.File("environ")), Does.Not.Contain("s3cret").And.Contain("PATH="));
    }

    [Test]
    public async Task LaunchAsync_Cancelled_EndsQemu()
    {
        using var cancel = new CancellationTokenSource();
        var launching = LaunchAsync($"echo $$ > '{_directory.File("started")}'; sleep 600", cancel.Token);
        await Eventually.BecomesTrueAsync(() => File.Exists(_directory.File("started")), "the script runs");
        await cancel.CancelAsync();

        await Assert.ThatAsync(() => launching, Throws.InstanceOf<OperationCanceledException>());
    }

    private async Task<QemuLaunch> LaunchAsync(string script, CancellationToken cancellationToken = default)
    {
        var program = _directory.File("qemu");
        await File.WriteAllTextAsync(program, "#!/bin/sh\n" + script + "\n", cancellationToken);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return await new QemuLauncher(TimeProvider.System).LaunchAsync(program, TestMachines.New(_directory.File("pid")), cancellationToken);
    }
}
