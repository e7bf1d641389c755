using OpenShell.Linux.Files;
using OpenShell.Linux.Sockets;
using OpenShell.TestKit;

namespace OpenShell.Linux.Tests.Files;

[TestFixture]
internal sealed class FileStatusTests
{
    private TestDirectory _directory = null!;
    private string _file = null!;
    private string _link = null!;

    [SetUp]
    public void SetUp()
    {
        _directory = new TestDirectory();
        _file = Path.Combine(_directory.Path, "file");
        _link = Path.Combine(_directory.Path, "link");
        File.WriteAllText(_file, "seven b");
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        File.SetLastWriteTimeUtc(_file, DateTime.UnixEpoch.AddSeconds(1_000_000_000).AddMicroseconds(5));
        File.CreateSymbolicLink(_link, _file);
    }

    [TearDown]
    public void TearDown() => _directory.Dispose();

    [Test]
    public void Find_File_HasWhatStatHas()
    {
        var status = FileStatus.Find(_file, followLink: false)!.Value;

        Assert.That(status, Is.EqualTo(status with
        {
            Owner = UnixPeer.CurrentUser,
            Size = 7,
            Links = 1,
            ModifiedSeconds = 1_000_000_000,
            ModifiedNanoseconds = 5000,
        }));
        Assert.That(status.IsFile, Is.True);
        Assert.That(status.ModeText, Is.EqualTo("620"));
        Assert.That(status.OthersMayWrite, Is.True);
    }

    [Test]
    public void Find_Link_IsFollowedOnRequestOnly()
    {
        Assert.That(FileStatus.Find(_link, followLink: false)!.Value.IsSymbolicLink, Is.True);
        Assert.That(FileStatus.Find(_link, followLink: true), Is.EqualTo(FileStatus.Find(_file, followLink: false)));
    }

    [Test]
    public void Find_Nothing_IsNull() => Assert.That(FileStatus.Find(_file + "x", followLink: true), Is.Null);
}
