using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Machines;

[TestFixture]
internal sealed class MachineTests : MachineTestBase
{
    [Test]
    public async Task Create_Machine_RunsAndIsRecordedWithoutItsToken()
    {
        Starter.MayStart.SetResult();

        Assert.That(Registry.Create(Specs.New("a"), "s3cret"), Is.Null);
        await BecomesAsync("a", MachineState.Running);

        Assert.That(Starter.Starts[0].Token, Is.EqualTo("s3cret"));
        Assert.That(Starter.Starts[0].ToString(), Does.Not.Contain("s3cret"));
        Assert.That(Records.Load("a").Record!.Process, Is.EqualTo(Starter.Last.Identity));
        Assert.That(await File.ReadAllTextAsync(Layout.Sandbox("a").RecordPath), Does.Not.Contain("s3cret"));
        Assert.That(TakeNotices(), Is.EqualTo(["Scheduled", "Started"]));
    }

    [Test]
    public async Task Start_CreatorWasAwaitedAtTheFirst_IsNotAwaitedAgain()
    {
        Starter.MayStart.SetResult();
        Registry.Create(Specs.New("a") with { AwaitMainProcessAttachment = true }, "t");
        await BecomesAsync("a", MachineState.Running);
        await Registry.Find("a")!.StopAsync();

        await Registry.Find("a")!.StartAsync("t", CancellationToken.None);
        await BecomesAsync("a", MachineState.Running);

        Assert.That(Starter.Starts.Select(s => s.Spec.AwaitMainProcessAttachment), Is.EqualTo([true, false]));
    }

    [Test]
    public void Create_TakenId_IsRefusedAndTheFirstStays()
    {
        Assert.That(Registry.Create(Specs.New("a"), "t"), Is.Null);

        Assert.That(Registry.Create(Specs.New("a"), "t")!.Kind, Is.EqualTo(FailureKind.AlreadyExists));
        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Starting));
    }

    [Test]
    public void Create_DirectoryCannotBeMade_LeavesNothing()
    {
        File.WriteAllText(Layout.Sandbox("a").Directory, "in the way");

        Assert.That(Registry.Create(Specs.New("a"), "t")!.Kind, Is.EqualTo(FailureKind.FailedPrecondition));
        Assert.That(Registry.List(), Is.Empty);
    }

    [Test]
    public async Task Create_StartFails_IsFailedWithTheReason()
    {
        Starter.Failure = "no room";
        Starter.MayStart.SetResult();
        Registry.Create(Specs.New("a"), "t");
        await BecomesAsync("a", MachineState.Failed);

        Assert.That(Registry.Find("a")!.Snapshot.Failure, Is.EqualTo(new MachineFailure(FailureReasons.ProvisioningFailed, "no room")));
        Assert.That(Directory.Exists(Layout.Sandbox("a").RunDirectory), Is.False);
    }

    [Test]
    public async Task Running_QemuIsKilled_IsFailedWithItsConsole()
    {
        await RunAsync("a");
        await File.WriteAllTextAsync(Layout.Sandbox("a").ConsolePath, "kernel panic\n");

        Starter.Last.Kill();
        await BecomesAsync("a", MachineState.Failed);

        var failure = Registry.Find("a")!.Snapshot.Failure!;
        Assert.That(failure.Reason, Is.EqualTo(FailureReasons.ProcessExited));
        Assert.That(failure.Message, Does.Contain("kernel panic"));
        Assert.That(Records.Load("a").Record!.Process, Is.Null);
        Assert.That(TakeNotices(), Does.Contain("ProcessExited"));
    }

    [Test]
    public async Task StopAsync_RunningMachine_EndsItAndKeepsItsDisk()
    {
        await RunAsync("a");

        Assert.That(await Registry.Find("a")!.StopAsync(), Is.Null);

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
        Assert.That(Starter.Last.Identity.IsAlive(), Is.False);
        Assert.That(Starter.Last.Commands, Does.Contain("quit"));
        Assert.That(File.Exists(Layout.Sandbox("a").OverlayPath), Is.True);
        Assert.That(Directory.Exists(Layout.Sandbox("a").RunDirectory), Is.False);
        Assert.That(TakeNotices(), Does.Contain("Stopped").And.Not.Contain("ProcessExited"));
    }

    [Test]
    public async Task StopAsync_WhileStarting_CancelsTheStart()
    {
        Registry.Create(Specs.New("a"), "t");

        Assert.That(await Registry.Find("a")!.StopAsync(), Is.Null);

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
    }

    [Test]
    public async Task StopAsync_StoppedMachine_ChangesNothing()
    {
        await RunAsync("a");
        await Registry.Find("a")!.StopAsync();
        var version = Registry.Find("a")!.Snapshot.Version;

        Assert.That(await Registry.Find("a")!.StopAsync(), Is.Null);
        Assert.That(Registry.Find("a")!.Snapshot.Version, Is.EqualTo(version));
    }

    [Test]
    public async Task StartAsync_StoppedMachine_BootsTheSameDiskWithTheNewToken()
    {
        await RunAsync("a");
        await Registry.Find("a")!.StopAsync();

        Assert.That(await Registry.Find("a")!.StartAsync("t2", CancellationToken.None), Is.Null);
        await BecomesAsync("a", MachineState.Running);

        Assert.That(Starter.Starts[0].IsFirst, Is.True);
        Assert.That(Starter.Starts[1].IsFirst, Is.False);
        Assert.That(Starter.Starts[1].Token, Is.EqualTo("t2"));
        Assert.That(Starter.Starts[1].InstanceId, Is.Not.EqualTo(Starter.Starts[0].InstanceId));
    }

    [Test]
    public async Task StartAsync_RunningMachine_ChangesNothing()
    {
        await RunAsync("a");

        Assert.That(await Registry.Find("a")!.StartAsync("t2", CancellationToken.None), Is.Null);
        Assert.That(Starter.Starts, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task StartAsync_FailedMachine_BootsTheSameDisk()
    {
        await RunAsync("a");
        Starter.Last.Kill();
        await BecomesAsync("a", MachineState.Failed);

        Assert.That(await Registry.Find("a")!.StartAsync("t2", CancellationToken.None), Is.Null);
        await BecomesAsync("a", MachineState.Running);

        Assert.That(Starter.Starts[1].IsFirst, Is.False);
        Assert.That(Registry.Find("a")!.Snapshot.Failure, Is.Null);
        Assert.That(Records.Load("a").Record!.Failure, Is.Null);
    }

    [Test]
    public async Task StopAsync_FailedMachine_IsStoppedAndForgetsWhy([Values] bool force)
    {
        await RunAsync("a");
        Starter.Last.Kill();
        await BecomesAsync("a", MachineState.Failed);

        Assert.That(await Registry.Find("a")!.StopAsync(force), Is.Null);

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
        Assert.That(Records.Load("a").Record!.Failure, Is.Null);
        Assert.That(File.Exists(Layout.Sandbox("a").OverlayPath), Is.True);
    }

    [Test]
    public async Task StopAsync_Force_AsksNobody()
    {
        Starter.GuestIgnoresOrders = true;
        await RunAsync("a");

        Assert.That(await Eventually.EndsAsync(Registry.Find("a")!.StopAsync(force: true), "the stop"), Is.Null);

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
        Assert.That(Starter.Last.Commands, Does.Not.Contain("quit"));
        Assert.That(TakeNotices(), Does.Not.Contain("ProcessExited"));
    }

    [TestCase("stop --force")]
    [TestCase("delete")]
    public async Task StopAsync_WaitsForTheGuest_IsOvertaken(string request)
    {
        Starter.GuestIgnoresOrders = true;
        await RunAsync("a");
        var machine = Registry.Find("a")!;
        var stopping = machine.StopAsync();
        await Starter.Last.AskedToPowerOffAsync();

        await Eventually.EndsAsync<object?>(OvertakeAsync(), request);

        Assert.That(await Eventually.EndsAsync(stopping, "the stop"), Is.Null);
        Assert.That(Starter.Last.Commands, Does.Not.Contain("quit"));
        Assert.That(StateOf("a"), Is.EqualTo(request == "delete" ? null : MachineState.Stopped));

        async Task<object?> OvertakeAsync() => request == "delete" ? await Registry.DeleteAsync("a") : await machine.StopAsync(force: true);
    }

    // SIGSTOP: neither the guest nor the monitor answers.
    [Test]
    public async Task StopAsync_FrozenQemu_IsKilledAfterTheGrace()
    {
        await RunAsync("a");
        Starter.Last.Freeze();

        Assert.That(await Eventually.EndsAsync(Registry.Find("a")!.StopAsync(), "the stop"), Is.Null);

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
        Assert.That(Starter.Last.Identity.IsAlive(), Is.False);
    }

    [Test]
    public async Task DeleteAsync_RunningMachine_LeavesNothing()
    {
        await RunAsync("a");

        Assert.That(await Registry.DeleteAsync("a"), Is.True);

        Assert.That(Starter.Last.Identity.IsAlive(), Is.False);
        Assert.That(Directory.EnumerateFileSystemEntries(Layout.SandboxesDirectory), Is.Empty);
        Assert.That(Directory.EnumerateFileSystemEntries(Layout.RunDirectory), Is.Empty);
        Assert.That(await Registry.DeleteAsync("a"), Is.False);
    }

    [Test]
    public async Task DeleteAsync_TwiceAtOnce_OneOfThemDoesIt()
    {
        await RunAsync("a");

        var outcomes = await Task.WhenAll(Registry.DeleteAsync("a"), Registry.DeleteAsync("a"));

        Assert.That(outcomes, Is.EquivalentTo([true, false]));
    }

    [Test]
    public async Task DeleteAsync_WhileStarting_CancelsTheStart()
    {
        Registry.Create(Specs.New("a"), "t");

        Assert.That(await Registry.DeleteAsync("a"), Is.True);
        Assert.That(Registry.List(), Is.Empty);
    }

    private async Task RunAsync(string id)
    {
        Starter.MayStart.TrySetResult();
        Registry.Create(Specs.New(id), "t");
        await BecomesAsync(id, MachineState.Running);
    }
}
