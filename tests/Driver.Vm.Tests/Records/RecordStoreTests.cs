using System.Text.Json;
using OpenShell.Driver.Vm.Native;
using OpenShell.Driver.Vm.Records;
using OpenShell.Driver.Vm.Tests.Fakes;
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
    public void TryLoad_SavedRecord_IsTheSame()
    {
        var record = new SandboxRecord(
            Specs.New("a"), DesiredState.Stopped, "boot-1", new ProcessIdentity(12, 34), new MachineFailure(FailureReasons.ProcessExited, "why"));
        _layout.Sandbox("a").Create();
        _store.Save(record);

        var loaded = _store.TryLoad("a");

        // Records compare their collections by reference, so their text is compared.
        Assert.That(Text(loaded), Is.EqualTo(Text(record)));
        Assert.That(_store.ListIds(), Is.EqualTo(["a"]));
    }

    [Test]
    public void Save_Record_IsClosedToOthers()
    {
        _layout.Sandbox("a").Create();
        _store.Save(new SandboxRecord(Specs.New("a"), DesiredState.Running, null, null, null));

        Assert.That(File.GetUnixFileMode(_layout.Sandbox("a").RecordPath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(
            File.GetUnixFileMode(_layout.Sandbox("a").Directory), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [TestCase("")]
    [TestCase("{")]
    [TestCase("{}")]
    [TestCase("null")]
    public void TryLoad_UnreadableRecord_IsNull(string content)
    {
        _layout.Sandbox("a").Create();
        File.WriteAllText(_layout.Sandbox("a").RecordPath, content);

        Assert.That(_store.TryLoad("a"), Is.Null);
    }

    [Test]
    public void TryLoad_RecordOfAnotherSandbox_IsNull()
    {
        _layout.Sandbox("a").Create();
        _store.Save(new SandboxRecord(Specs.New("a"), DesiredState.Running, null, null, null));
        _layout.Sandbox("b").Create();
        File.Copy(_layout.Sandbox("a").RecordPath, _layout.Sandbox("b").RecordPath);

        Assert.That(_store.TryLoad("b"), Is.Null);
    }

    private static string Text(SandboxRecord? record) => JsonSerializer.Serialize(record!, RecordJson.Default.SandboxRecord);
}
