using OpenShell.Driver.Vm.Guest;
using OpenShell.Driver.Vm.Tests.Fakes;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class ImageCatalogTests
{
    [TestCase("tiny", true)]
    [TestCase("huge", false)]
    [TestCase("", false)]
    [TestCase("../images/tiny", false)]
    [TestCase("/etc/passwd", false)]
    public void Find_Name_NeverLeavesTheDirectory(string name, bool exists)
    {
        using var directory = new TestDirectory();
        var options = TestOptions.New(directory.Path);
        GuestDirectory.Write(options.GuestDirectory);

        Assert.That(new ImageCatalog(options).Find(name) is not null, Is.EqualTo(exists));
    }
}
