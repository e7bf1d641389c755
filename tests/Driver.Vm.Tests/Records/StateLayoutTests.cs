using OpenShell.Driver.Vm.Records;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Records;

[TestFixture]
internal sealed class StateLayoutTests
{
    [Test]
    public void FindProblem_DeepDirectory_NamesItAndTheOption()
    {
        var root = "/" + new string('d', 90);

        Assert.That(new StateLayout(root).FindProblem(), Does.Contain(root).And.Contain("--state-dir"));
    }

    [Test]
    public void FindProblem_UsualDirectory_IsNull() =>
        Assert.That(new StateLayout("/home/somebody/.local/state/openshell/vm-driver").FindProblem(), Is.Null);

    [Test]
    public void Sandbox_LongId_HasShortSocketPaths() =>
        Assert.That(new StateLayout("/s").Sandbox(new string('x', 128)).MonitorSocketPath, Has.Length.LessThan(40));

    [TestCase("a", true)]
    [TestCase("A.b_c-9", true)]
    [TestCase("", false)]
    [TestCase(".", false)]
    [TestCase("..", false)]
    [TestCase("a/b", false)]
    [TestCase("a b", false)]
    [TestCase("é", false)]
    public void IsValid_Id_MayBeADirectoryName(string id, bool valid) => Assert.That(SandboxId.IsValid(id), Is.EqualTo(valid));

    [Test]
    public void IsValid_LongId_IsNot() => Assert.That(SandboxId.IsValid(new string('x', 129)), Is.False);

    [Test]
    public void TryTake_LockThatIsTaken_IsNull()
    {
        using var directory = new TestDirectory();
        var layout = new StateLayout(directory.Path);
        using (StateLock.TryTake(layout))
        {
            Assert.That(StateLock.TryTake(layout), Is.Null);
        }

        using var again = StateLock.TryTake(layout);
        Assert.That(again, Is.Not.Null);
    }
}
