using System.Text.Json.Nodes;
using OpenShell.Driver.Vm.Launch;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.Linux.Processes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Driver.Vm.Tests.Machines;

[TestFixture]
internal sealed class MachineAdopterTests : MachineTestBase
{
    [Test]
    public async Task Adopt_RunningMachine_IsWatchedOn()
    {
        Starter.MayStart.SetResult();
        Registry.Create(Specs.New("a"), "t");
        await BecomesAsync("a", MachineState.Running);
        var qemu = Starter.Last;
        var instance = Registry.Find("a")!.Snapshot.InstanceId;

        await RestartAsync();

        Assert.That(qemu.Identity.IsAlive(), Is.True);
        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Running));
        Assert.That(Registry.Find("a")!.Snapshot.InstanceId, Is.EqualTo(instance));
        qemu.Kill();
        await BecomesAsync("a", MachineState.Failed);
    }

    [Test]
    public async Task Adopt_MachineThatDiedMeanwhile_IsFailedWithItsConsole()
    {
        Save(Running("a", new ProcessIdentity(Environment.ProcessId, 1)));
        await File.WriteAllTextAsync(Layout.Sandbox("a").ConsolePath, "last words\n");

        await AdoptAsync();

        var failure = Registry.Find("a")!.Snapshot.Failure!;
        Assert.That(failure.Reason, Is.EqualTo(FailureReasons.ProcessExited));
        Assert.That(failure.Message, Does.Contain("last words"));
        Assert.That(Directory.Exists(Layout.Sandbox("a").RunDirectory), Is.False);
    }

    [Test]
    public async Task Adopt_DriverDiedBeforeItCouldRecordTheProcess_FindsItByItsPidFile()
    {
        Save(Running("a", null));
        await using var qemu = new FakeQemu(Layout.Sandbox("a"));

        await AdoptAsync();

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Running));
        Assert.That(Records.Load("a").Record!.Spec.Id, Is.EqualTo("a"));
    }

    [Test]
    public async Task Adopt_NeverStarted_IsFailedAsSuch()
    {
        Save(Running("a", null) with { InstanceId = null });

        await AdoptAsync();

        Assert.That(Registry.Find("a")!.Snapshot.Failure!.Reason, Is.EqualTo(FailureReasons.ProvisioningFailed));
    }

    [Test]
    public async Task Adopt_StoppedMachine_IsStopped()
    {
        Save(Running("a", null) with { Desired = DesiredState.Stopped });

        await AdoptAsync();

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
    }

    [Test]
    public async Task Adopt_DriverDiedWhileStopping_FinishesIt()
    {
        await using var qemu = new FakeQemu(Layout.Sandbox("a"));
        Save(Running("a", qemu.Identity) with { Desired = DesiredState.Stopped });

        await AdoptAsync();

        Assert.That(qemu.Identity.IsAlive(), Is.False);
        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
        Assert.That(Records.Load("a").Record!.Process, Is.Null);
    }

    [Test]
    public async Task Adopt_DriverDiedWhileDeleting_FinishesIt()
    {
        await using var qemu = new FakeQemu(Layout.Sandbox("a"));
        Save(Running("a", qemu.Identity) with { Desired = DesiredState.Deleted });

        await AdoptAsync();

        Assert.That(qemu.Identity.IsAlive(), Is.False);
        Assert.That(Directory.Exists(Layout.Sandbox("a").Directory), Is.False);
        Assert.That(Registry.List(), Is.Empty);
    }

    [Test]
    public async Task Adopt_RecordIsGone_KeepsTheDiskAndSaysSo()
    {
        Save(Running("a", null) with { Desired = DesiredState.Stopped });
        File.Delete(Layout.Sandbox("a").RecordPath);
        await File.WriteAllTextAsync(Layout.Sandbox("a").OverlayPath, "worth something");

        await AdoptAsync();

        Assert.That(Registry.Find("a")!.Snapshot.Failure, Is.EqualTo(new MachineFailure(FailureReasons.RecordLost, Message("is missing"))));
        Assert.That(await File.ReadAllTextAsync(Layout.Sandbox("a").OverlayPath), Is.EqualTo("worth something"));
        Assert.That((await Registry.Find("a")!.StartAsync("t", CancellationToken.None))!.Message, Does.Contain("is kept"));
        Assert.That(File.Exists(Layout.Sandbox("a").RecordPath), Is.False, "nothing is written over what may be put back");
    }

    [Test]
    public async Task Adopt_FilesOthersMayRead_AreClosed()
    {
        Save(Running("a", null) with { Desired = DesiredState.Stopped });
        var path = Layout.Sandbox("a").RecordPath;
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherRead);

        await AdoptAsync();

        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public async Task Create_DirectoryIsThereAlready_IsLeftAlone()
    {
        Layout.Sandbox("a").Create();
        await File.WriteAllTextAsync(Layout.Sandbox("a").OverlayPath, "worth something");

        Assert.That(Registry.Create(Specs.New("a"), "t")!.Kind, Is.EqualTo(FailureKind.AlreadyExists));
        Assert.That(await File.ReadAllTextAsync(Layout.Sandbox("a").OverlayPath), Is.EqualTo("worth something"));
        Assert.That(Registry.List(), Is.Empty);
    }

    [Test]
    public async Task Adopt_DirectoryWithoutRecord_IsRemoved()
    {
        Layout.Sandbox("a").Create();
        Directory.CreateDirectory(Path.Combine(Layout.RunDirectory, "stray"));

        await AdoptAsync();

        Assert.That(Directory.EnumerateFileSystemEntries(Layout.SandboxesDirectory), Is.Empty);
        Assert.That(Directory.EnumerateFileSystemEntries(Layout.RunDirectory), Is.Empty);
    }

    [Test]
    public async Task Adopt_RecordOfADriverWithoutPolicies_IsStopped()
    {
        Save(Running("a", null) with { Desired = DesiredState.Stopped });
        EditRecord("a", record => record["spec"]!.AsObject().Remove("policy"));

        await AdoptAsync();

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Stopped));
        Assert.That(Registry.Find("a")!.Snapshot.Spec.Policy, Is.Empty);
    }

    [Test]
    public async Task Adopt_RecordThatCannotBeRead_KeepsItsDiskUntilItIsDeleted()
    {
        await using var qemu = new FakeQemu(Layout.Sandbox("a"));
        Save(Running("a", qemu.Identity));
        EditRecord("a", record => record["spec"] = 1);
        Save(Running("b", null) with { Desired = DesiredState.Stopped });

        await AdoptAsync();

        Assert.That(StateOf("a"), Is.EqualTo(MachineState.Failed));
        Assert.That(Registry.Find("a")!.Snapshot.Failure, Is.EqualTo(new MachineFailure(FailureReasons.RecordLost, Message("is no record, or a damaged one"))));
        Assert.That(qemu.Identity.IsAlive(), Is.False);
        Assert.That(StateOf("b"), Is.EqualTo(MachineState.Stopped));
        Assert.That(Directory.Exists(Layout.Sandbox("a").Directory), Is.True);
        Assert.That(await Registry.DeleteAsync("a"), Is.True);
        Assert.That(Directory.Exists(Layout.Sandbox("a").Directory), Is.False);
    }

    [TestCase("")]
    [TestCase("..")]
    [TestCase("../run")]
    public async Task Delete_IdThatIsNoDirectoryName_IsUnknown(string id)
    {
        Assert.That(await Registry.DeleteAsync(id), Is.False);
        Assert.That(Directory.Exists(Layout.RunDirectory), Is.True);
    }

    [Test]
    public async Task FindProcess_PidFileOfAnotherProcess_IsNotBelieved()
    {
        Layout.Sandbox("a").Create();
        await File.WriteAllTextAsync(Layout.Sandbox("a").PidFilePath, $"{Environment.ProcessId}\n");

        Assert.That(OrphanProcesses.FindProcess(null, Layout.Sandbox("a")), Is.Null);
    }

    private string Message(string problem) =>
        $"its record {Layout.Sandbox("a").RecordPath} {problem}; what is in {Layout.Sandbox("a").Directory} is kept: put the record right and restart the driver, or delete the sandbox";

    private void EditRecord(string id, Action<JsonNode> edit)
    {
        var path = Layout.Sandbox(id).RecordPath;
        var record = JsonNode.Parse(File.ReadAllBytes(path))!;
        edit(record);
        File.WriteAllText(path, record.ToJsonString());
    }

    private static MachineRecord Running(string id, ProcessIdentity? process) => new(Specs.New(id), DesiredState.Running, "boot-1", process, null);
}
