using OpenShell.TestKit;

namespace OpenShell.Vm.Hostile;

/// <summary>What a guest can make the host spend on it. The numbers stand in docs/security.md.</summary>
public sealed class BoundsTests : HostileTest
{
    private const int UplinkConnections = 64;
    private const int HelperDescriptors = (2 * UplinkConnections) + 64;
    private const int HelperMebibytes = 48;
    private const int QemuDescriptors = 1024;
    private const int QemuMebibytes = 256 + 256 + 512 + 16;
    private const long ConsoleBytes = 1 << 20;

    [Test]
    public async Task Connections_NineHundredKeptOpen_CostAFewAndOneProcess()
    {
        var sandbox = await BootHostileAsync();
        var (qemu, helper) = (QemuPid(sandbox), HelperPid(sandbox));
        var processes = HostProcesses.Find(Directory.Path).Count;

        await ShellAsync(sandbox, "/root/hostile connections 900 >/tmp/made 2>&1 & while ! grep -q made /tmp/made; do sleep 0.2; done");

        Assert.That(HostProcesses.Find(Directory.Path), Has.Count.EqualTo(processes), "processes of this gateway");
        Assert.That(DescriptorsOf(helper), Is.LessThanOrEqualTo(HelperDescriptors));
        Assert.That(DescriptorsOf(qemu), Is.LessThanOrEqualTo(QemuDescriptors));
        Assert.That(PeakMebibytes(helper), Is.LessThanOrEqualTo(HelperMebibytes));
        Assert.That((await ShellAsync(sandbox, "killall hostile; echo served")).Text, Is.EqualTo("served\n"));
        await Eventually.BecomesTrueAsync(() => DescriptorsOf(helper) < UplinkConnections, "what the guest has let go of is closed");
    }

    [Test]
    public async Task Datagrams_FromEveryPortAndInPieces_QemuStaysSmall()
    {
        var sandbox = await BootHostileAsync();
        var qemu = QemuPid(sandbox);

        var outcome = await ShellAsync(sandbox, "/root/hostile datagrams 15");

        Assert.That(outcome.Text, Does.StartWith("sent "));
        Assert.That(DescriptorsOf(qemu), Is.LessThanOrEqualTo(QemuDescriptors));
        Assert.That(PeakMebibytes(qemu), Is.LessThanOrEqualTo(QemuMebibytes));
        Assert.That((await ShellAsync(sandbox, "echo served")).Text, Is.EqualTo("served\n"));
        var limits = await File.ReadAllTextAsync($"/proc/{qemu}/limits");
        Assert.That(limits, Does.Match(@"Max open files\s+1024\s+1024").And.Match(@"Max core file size\s+0\s+0"));
        Assert.That(limits, Does.Match($@"Max data size\s+{(long)QemuMebibytes << 20}\s+{(long)QemuMebibytes << 20}"));
    }

    [Test]
    public async Task Console_WrittenToForEver_FileStaysBounded()
    {
        var sandbox = await BootAsync();
        var path = Path.Combine(DriverState, "sandboxes", sandbox.Metadata.Id, "console.log");
        await ShellAsync(sandbox, "yes 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef >/dev/ttyS0 2>/dev/null & echo $! >/tmp/pid");

        // Also while no driver looks after it.
        var driver = HostProcesses.Find($"openshell-driver-vm --socket {Directory.Path}").Single();
        await HostProcesses.SignalAsync(driver, "KILL");
        var (longest, cuts, last) = (0L, 0, 0L);
        await Eventually.BecomesTrueAsync(
            () =>
            {
                var length = new FileInfo(path).Length;
                longest = Math.Max(longest, length);
                cuts += length < last ? 1 : 0;
                last = length;
                return cuts == 2;
            },
            "the console was cut twice", TimeSpan.FromMinutes(5));

        Assert.That(longest, Is.LessThanOrEqualTo(ConsoleBytes));
        await Eventually.BecomesTrueAsync(
            async () => (await ShellAsync(sandbox, "kill $(cat /tmp/pid); sleep 1; echo the last words >/dev/ttyS0; echo killed")).Text == "killed\n",
            () => "the guest is still served");
        await Eventually.BecomesTrueAsync(
            () => File.ReadAllText(path).Contains("the last words", StringComparison.Ordinal), "what is written last is there");
        Assert.That(new FileInfo(path).Length, Is.LessThanOrEqualTo(ConsoleBytes));
    }
}
