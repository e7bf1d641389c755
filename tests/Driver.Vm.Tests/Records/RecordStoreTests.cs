using System.Text.Json;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.Linux.Processes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Records;

[TestFixture]
internal sealed class RecordStoreTests
{
    private TestDirectory _directory = null!;
    private StateLayout _layout = null!;
    private RecordStore _store = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TestDirectory();
        _layout = new StateLayout(_directory.Path);
        _layout.Create();
        _store = new RecordStore(_layout);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void Load_SavedRecord_IsTheSame()
    {
        var record = new MachineRecord(
            Specs.New("a"), DesiredState.Stopped, "boot-1", new ProcessIdentity(12, 34), new MachineFailure(FailureReasons.ProcessExited, "why"));
        _layout.Sandbox("a").Create();
        _store.Save(record);

        var loaded = _store.Load("a").Record;

        // Records compare their collections by reference, so their text is compared.
        Assert.That(Text(loaded), Is.EqualTo(Text(record)));
        Assert.That(_store.ListIds(), Is.EqualTo(["a"]));
    }

    [Test]
    public void Save_Record_IsClosedToOthers()
    {
        _layout.Sandbox("a").Create();
        _store.Save(new MachineRecord(Specs.New("a"), DesiredState.Running, null, null, null));

        Assert.That(File.GetUnixFileMode(_layout.Sandbox("a").RecordPath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(
            File.GetUnixFileMode(_layout.Sandbox("a").Directory), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [TestCase("", "is no record")]
    [TestCase("{", "is no record")]
    [TestCase("{}", "is no record")]
    [TestCase("null", "is empty")]
    public void Load_UnreadableRecord_SaysWhatIsWrong(string content, string problem)
    {
        _layout.Sandbox("a").Create();
        File.WriteAllText(_layout.Sandbox("a").RecordPath, content);

        var reading = _store.Load("a");
        Assert.That(reading.Record, Is.Null);
        Assert.That(reading.Problem, Does.Contain(_layout.Sandbox("a").RecordPath).And.Contain(problem));
    }

    [Test]
    public void Load_RecordOfAnotherSandbox_IsNotTaken()
    {
        _layout.Sandbox("a").Create();
        _store.Save(new MachineRecord(Specs.New("a"), DesiredState.Running, null, null, null));
        _layout.Sandbox("b").Create();
        File.Copy(_layout.Sandbox("a").RecordPath, _layout.Sandbox("b").RecordPath);

        Assert.That(_store.Load("b").Problem, Does.Contain("is of another sandbox, 'a'"));
    }

    [Test]
    public void Load_RecordOfANewerDriver_IsLeftAlone()
    {
        _layout.Sandbox("a").Create();
        _store.Save(new MachineRecord(Specs.New("a"), DesiredState.Running, null, null, null, Version: 2));

        Assert.That(_store.Load("a").Problem, Does.Contain("is of a newer driver (version 2, this one knows 1)"));
    }

    [Test]
    public void ListIds_WhatNoSandboxIsCalled_IsForeign()
    {
        Directory.CreateDirectory(Path.Combine(_layout.SandboxesDirectory, "lost+found"));
        File.WriteAllText(Path.Combine(_layout.SandboxesDirectory, "note"), "");
        _layout.Sandbox("a").Create();

        Assert.That(_store.ListIds(), Is.EqualTo(["a"]));
        Assert.That(_store.ListForeign().Select(Path.GetFileName), Is.EqualTo(["lost+found", "note"]));
    }

    private static string Text(MachineRecord? record) => JsonSerializer.Serialize(record!, RecordJson.Default.MachineRecord);
}
