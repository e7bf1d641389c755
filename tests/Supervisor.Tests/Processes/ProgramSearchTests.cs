using OpenShell.Supervisor.Processes;

namespace OpenShell.Supervisor.Tests.Processes;

public sealed class ProgramSearchTests
{
    [Test]
    public void Candidates_NameWithSlash_IsTakenAsItIs() =>
        Assert.That(ProgramSearch.Candidates("./a", "/bin"), Is.EqualTo(new[] { "./a" }));

    [Test]
    public void Candidates_Name_IsLookedUpInOrderAndAnEmptyEntryIsTheWorkingDirectory() =>
        Assert.That(ProgramSearch.Candidates("a", "/x:/y::/z"), Is.EqualTo(new[] { "/x/a", "/y/a", "./a", "/z/a" }));

    [Test]
    public void FindLoginShell_NoShell_IsNull() => Assert.That(ProgramSearch.FindLoginShell("/proc"), Is.Null);
}
