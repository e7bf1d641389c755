using OpenShell.Driver.Vm.Quantities;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Services;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Machines;

[TestFixture]
internal sealed class HostDiskWatchTests : MachineTestBase
{
    [SetUp]
    public async Task RunMachineAsync()
    {
        Starter.MayStart.TrySetResult();
        Registry.Create(Specs.New("a"), "t");
        await BecomesAsync("a", MachineState.Running);
        TakeNotices();
    }

    [Test]
    public async Task Paused_DiskIsFull_SaysSoAndGoesOnWhenThereIsRoom()
    {
        await PauseAsync();
        FreeDisk = HostDisk.RoomToRun with { Bytes = HostDisk.RoomToRun.Bytes - 1 };

        var condition = Conditions.Of(Registry.Find("a")!.Snapshot).Single();
        Assert.That((condition.Status, condition.Reason), Is.EqualTo(("False", "HostDiskFull")));
        Assert.That(condition.Message, Does.Contain(Layout.Sandbox("a").Directory));
        Assert.That(Starter.Last.Commands, Does.Not.Contain("cont"), "there is too little room");
        FreeDisk = HostDisk.RoomToRun;
        await GoesOnAsync();
        Assert.That(TakeNotices(), Is.EqualTo(["HostDiskFull", "HostDiskFreed"]));
        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Running));
    }

    [Test]
    public async Task Paused_Again_GoesOnAgain()
    {
        for (var round = 0; round < 3; round++)
        {
            await PauseAsync();
            FreeDisk = HostDisk.RoomToRun;
            await GoesOnAsync();
        }
    }

    [Test]
    public async Task Paused_DriverStartsAgain_FindsItSo()
    {
        await PauseAsync();

        await RestartAsync();

        await Eventually.BecomesTrueAsync(() => IsFull, "the next driver sees it");
        FreeDisk = HostDisk.RoomToRun;
        await GoesOnAsync();
    }

    // Somebody has paused it by hand: that is theirs to end.
    [Test]
    public async Task Paused_ForAnotherReason_IsLeftSo()
    {
        await Starter.Last.PauseAsync("paused");

        await Eventually.BecomesTrueAsync(() => Starter.Last.Commands.Count(command => command == "query-status") >= 2, "it is looked at");
        await Registry.Find("a")!.StopAsync(force: true);
        Assert.That(Starter.Last.Commands, Does.Not.Contain("cont"));
        Assert.That(TakeNotices(), Does.Not.Contain("HostDiskFull"));
    }

    // A quota, or a disk that breaks: the guest is told, so people must be; but the guest does not fill our log.
    [Test]
    public async Task DiskErrors_ReportedToTheGuest_AreSaidOnce()
    {
        FreeDisk = default;
        const string Error = """{"event": "BLOCK_IO_ERROR", "data": {"action": "report", "reason": "Disk quota exceeded"}}""";
        List<string> seen = [];
        await Starter.Last.SayAsync(Error);
        await SeesAsync("HostDiskFailed");

        for (var i = 0; i < 100; i++)
        {
            await Starter.Last.SayAsync(Error);
        }

        // What is said afterwards is seen after all of them.
        await Starter.Last.PauseAsync();
        await SeesAsync("HostDiskFull");
        Assert.That(seen, Is.EqualTo(["HostDiskFailed", "HostDiskFull"]));

        Task SeesAsync(string notice) => Eventually.BecomesTrueAsync(
            () =>
            {
                seen.AddRange(TakeNotices());
                return seen.Contains(notice);
            },
            notice);
    }

    [TestCase("stop")]
    [TestCase("delete")]
    public async Task Paused_IsEndedWithoutAskingTheGuest(string request)
    {
        Starter.GuestIgnoresOrders = true;
        await Registry.Find("a")!.StopAsync(force: true);
        await Registry.Find("a")!.StartAsync("t2", CancellationToken.None);
        await BecomesAsync("a", MachineState.Running);
        await PauseAsync();

        await Eventually.EndsAsync((Task)(request == "stop" ? Registry.Find("a")!.StopAsync() : Registry.DeleteAsync("a")), request);

        Assert.That(StateOf("a"), Is.EqualTo(request == "stop" ? MachineState.Stopped : null));
        Assert.That(Starter.Last.Identity.IsAlive(), Is.False);
    }

    [Test]
    public void StandardMinimum_IsTheLargerOfTheTwo()
    {
        Assert.That(HostDisk.StandardMinimum(ByteCount.FromMebibytes(100)), Is.EqualTo(ByteCount.FromMebibytes(1024)));
        Assert.That(HostDisk.StandardMinimum(new ByteCount(1000L << 30)).Bytes, Is.EqualTo((1000L << 30) / 100 * 2));
    }

    private bool IsFull => Registry.Find("a")?.Snapshot.HostDiskFull is not null;

    private async Task PauseAsync()
    {
        FreeDisk = default;
        await Starter.Last.PauseAsync();
        await Eventually.BecomesTrueAsync(() => IsFull, "the machine is said to be paused");
    }

    private Task GoesOnAsync() => Eventually.BecomesTrueAsync(() => !IsFull && Starter.Last.Commands.Contains("cont"), "the machine goes on");
}
