using System.Globalization;
using System.Text;
using OpenShell.Driver.Vm.Guest;
using OpenShell.TestKit;

namespace OpenShell.Driver.Vm.Tests.Guest;

[TestFixture]
internal sealed class ConsoleTailTests
{
    private TestDirectory _directory = null!;

    [SetUp]
    public void SetUp() => _directory = new TestDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void Read_NoFile_IsEmpty() => Assert.That(ConsoleTail.Read(_directory.File("none")), Is.Empty);

    [Test]
    public void Read_ManyLines_KeepsTheLastTwenty()
    {
        var lines = Enumerable.Range(0, 100).Select(i => i.ToString(CultureInfo.InvariantCulture));

        Assert.That(Tail(string.Join("\r\n", lines)), Is.EqualTo(string.Join('\n', Enumerable.Range(80, 20))));
    }

    [Test]
    public void Read_LongLine_IsBounded()
    {
        Assert.That(Encoding.UTF8.GetByteCount(Tail(new string('é', 100_000))), Is.LessThanOrEqualTo(4096));
    }

    [TestCase("\e[31mred\e[0m alert\a", "red alert")]
    [TestCase("title\e]", "title")]
    [TestCase("cut\e", "cut")]
    [TestCase("cut\e[12", "cut")]
    [TestCase("tab\tand\0zero", "tabandzero")]
    public void Read_ControlCharacters_AreLeftOut(string console, string expected)
    {
        Assert.That(Tail(console), Is.EqualTo(expected));
    }

    private string Tail(string console)
    {
        var path = _directory.File("console.log");
        File.WriteAllText(path, console);
        return ConsoleTail.Read(path);
    }
}
