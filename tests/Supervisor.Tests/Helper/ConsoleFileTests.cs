using System.Text;
using OpenShell.Supervisor.Helper;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.Helper;

public sealed class ConsoleFileTests
{
    private TestDirectory _directory = null!;

    private string Path => _directory.File("console.log");

    [SetUp]
    public void SetUp() => _directory = new TestDirectory();

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void Append_TenTimesTheBound_KeepsTheEndWithinIt()
    {
        using var file = new ConsoleFile(Path);
        var line = Encoding.ASCII.GetBytes(new string('x', 1023) + '\n');
        for (var written = 0; written < 10 * ConsoleFile.MaxBytes; written += line.Length)
        {
            file.Append(line);
            Assert.That(new FileInfo(Path).Length, Is.LessThanOrEqualTo(ConsoleFile.MaxBytes));
        }

        file.Append("the last words\n"u8);
        Assert.That(new FileInfo(Path).Length, Is.GreaterThanOrEqualTo(ConsoleFile.KeptBytes).And.LessThanOrEqualTo(ConsoleFile.MaxBytes));
        Assert.That(File.ReadAllText(Path), Does.EndWith("x\nthe last words\n"));
        Assert.That(Directory.GetFiles(_directory.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Append_FileThatAnotherHelperLeft_GoesOnBehindIt()
    {
        File.WriteAllText(Path, "first\n");
        File.WriteAllText(Path + ".new", "half made");

        using var file = new ConsoleFile(Path);
        file.Append("second\n"u8);
        Assert.That(File.ReadAllText(Path), Is.EqualTo("first\nsecond\n"));

        file.Append(new byte[ConsoleFile.MaxBytes]);
        Assert.That(File.Exists(Path + ".new"), Is.False);
    }

    [Test]
    public void Append_NoPlaceForACopy_BoundHoldsAllTheSame()
    {
        using var file = new ConsoleFile(Path);

        // A directory in the copy's place: it cannot be made.
        Directory.CreateDirectory(Path + ".new");
        for (var i = 0; i < 40; i++)
        {
            file.Append(new byte[64 * 1024]);
            Assert.That(new FileInfo(Path).Length, Is.LessThanOrEqualTo(ConsoleFile.MaxBytes));
        }

        file.Append("end"u8);
        Assert.That(File.ReadAllText(Path), Does.EndWith("end"));
    }
}
