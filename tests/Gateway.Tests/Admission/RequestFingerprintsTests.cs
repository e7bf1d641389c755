using OpenShell.TestKit;

namespace OpenShell.Gateway.Admission;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RequestFingerprintsTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string KeyFile => _directory.File(RequestFingerprints.KeyFileName);

    public void Dispose() => _directory.Dispose();

    [Test]
    public void Of_SameContentAfterARestart_IsTheSame()
    {
        var first = Open();
        var again = Open();

        Assert.That(again.KeyId, Is.EqualTo(first.KeyId));
        Assert.That(again.Of("content"u8), Is.EqualTo(first.Of("content"u8)).And.Not.EqualTo(first.Of("other"u8)));
    }

    [Test]
    public void Of_AnotherKey_IsAnother()
    {
        var first = Open();
        File.Delete(KeyFile);
        var other = Open();

        Assert.That(other.KeyId, Is.Not.EqualTo(first.KeyId));
        Assert.That(other.Of("content"u8), Is.Not.EqualTo(first.Of("content"u8)));
    }

    [Test]
    public void Open_NewKey_IsForTheOwnerOnlyAndNotToldByItsId()
    {
        var keyId = Open().KeyId;

        Assert.That(File.GetUnixFileMode(KeyFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(File.ReadAllText(KeyFile), Does.Not.Contain(keyId));
    }

    [TestCase("no key")]
    [TestCase("abcd")]
    [TestCase("")]
    public void Open_DamagedKey_IsRefusedByItsPath(string content)
    {
        Open();
        File.WriteAllText(KeyFile, content);

        Assert.That(Open, Throws.TypeOf<IOException>().With.Message.Contains(KeyFile));
    }

    [Test]
    public void Open_KeyThatOthersMayRead_IsRefused()
    {
        Open();
        File.SetUnixFileMode(KeyFile, (UnixFileMode)0b110_100_000);

        Assert.That(Open, Throws.TypeOf<IOException>().With.Message.Contains($"chmod 600 {KeyFile}"));
    }

    private RequestFingerprints Open() => new(_directory.Path);
}
