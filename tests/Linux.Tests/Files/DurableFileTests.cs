using OpenShell.Linux.Files;
using OpenShell.TestKit;

namespace OpenShell.Linux.Tests.Files;

[TestFixture]
internal sealed class DurableFileTests
{
    private TestDirectory _directory = null!;
    private string _path = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TestDirectory();
        _path = Path.Combine(_directory.Path, "file");
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void Replace_FileIsThere_HasTheNewContentForItsOwnerOnly()
    {
        File.WriteAllText(_path, "an old and longer content");
        File.SetUnixFileMode(_path, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        DurableFile.Replace(_path, "new"u8);

        Assert.That(File.ReadAllText(_path), Is.EqualTo("new"));
        Assert.That(File.GetUnixFileMode(_path), Is.EqualTo(DurableFile.OwnerOnly));
        Assert.That(Directory.GetFiles(_directory.Path), Is.EqualTo(new[] { _path }));
    }

    [Test]
    public void Replace_SymbolicLink_IsReplacedAndNotFollowed()
    {
        var target = Path.Combine(_directory.Path, "target");
        File.WriteAllText(target, "untouched");
        File.CreateSymbolicLink(_path, target);

        DurableFile.Replace(_path, "new"u8);

        Assert.That(File.ReadAllText(target), Is.EqualTo("untouched"));
        Assert.That(FileStatus.Find(_path, followLink: false)!.Value.IsFile, Is.True);
    }

    [Test]
    public void Replace_RemainsOfAnInterruptedWriter_AreOverwritten()
    {
        File.WriteAllText(DurableFile.TemporaryOf(_path), "half of somethi");

        DurableFile.Replace(_path, "new"u8);

        Assert.That(File.ReadAllText(_path), Is.EqualTo("new"));
        Assert.That(File.Exists(DurableFile.TemporaryOf(_path)), Is.False);
    }

    [Test]
    public void Replace_CannotTakeTheName_ChangesNothing()
    {
        Directory.CreateDirectory(Path.Combine(_path, "not empty"));

        Assert.That(() => DurableFile.Replace(_path, "new"u8), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());

        Assert.That(Directory.Exists(_path), Is.True);
        Assert.That(File.Exists(DurableFile.TemporaryOf(_path)), Is.False);
    }

    [Test]
    public void PrivateFile_DirectoryIsMissing_IsMadeForItsOwnerOnly()
    {
        var path = Path.Combine(_directory.Path, "made", "file");

        PrivateFile.Replace(path, "content");

        Assert.That(PrivateFile.TryRead(path), Is.EqualTo("content"));
        Assert.That(File.GetUnixFileMode(Path.GetDirectoryName(path)!), Is.EqualTo(PrivateFile.DirectoryMode));
    }

    [Test]
    public void TryRead_NoSuchFile_IsNull() => Assert.That(PrivateFile.TryRead(Path.Combine(_path, "nothing")), Is.Null);
}
