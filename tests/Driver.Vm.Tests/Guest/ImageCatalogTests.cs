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

    [TestCase("""{"architecture": "amd64", "config": {"User": "1000:1000", "Env": ["A=b"]}}""", "1000:1000")]
    [TestCase("""{"config": {}}""", "")]
    [TestCase("{}", "")]
    [TestCase(null, "")]
    public void Find_ImageConfiguration_HasTheUser(string? json, string user) => Assert.That(FindTiny(json)?.User, Is.EqualTo(user));

    [TestCase("nonsense")]
    [TestCase("""{"config": {"User": 7}}""")]
    public void Find_ImageConfigurationThatIsNone_SaysWhichFile(string json) => Assert.That(
        () => FindTiny(json), Throws.TypeOf<GuestFilesException>().With.Message.Contains("tiny.json is no OCI image configuration"));

    private static GuestImage? FindTiny(string? json)
    {
        using var directory = new TestDirectory();
        var options = TestOptions.New(directory.Path);
        GuestDirectory.Write(options.GuestDirectory);
        if (json is not null)
        {
            File.WriteAllText(Path.Combine(options.GuestDirectory, "images", "tiny.json"), json);
        }

        return new ImageCatalog(options).Find("tiny");
    }
}
