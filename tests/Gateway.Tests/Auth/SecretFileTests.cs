using Microsoft.Extensions.Logging.Abstractions;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Auth;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SecretFileTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly TestDirectory _directory = new();

    private string SecretPath => _directory.File("secret");

    public void Dispose() => _directory.Dispose();

    [Test]
    public void ReadOrCreate_Missing_IsMadeForTheOwnerOnly()
    {
        Assert.That(SecretFile.ReadOrCreate(SecretPath, () => "s3cret"), Is.EqualTo("s3cret"));

        Assert.That(File.GetUnixFileMode(SecretPath), Is.EqualTo(OwnerOnly));
        Assert.That(File.ReadAllText(SecretPath), Is.EqualTo("s3cret\n"));
        Assert.That(Directory.GetFiles(_directory.Path), Is.EqualTo(new[] { SecretPath }), "no temporary file is left");
    }

    [Test]
    public void ReadOrCreate_Existing_IsRead()
    {
        SecretFile.ReadOrCreate(SecretPath, () => "first");

        Assert.That(SecretFile.ReadOrCreate(SecretPath, () => "second"), Is.EqualTo("first"));
    }

    [TestCase(UnixFileMode.GroupRead)]
    [TestCase(UnixFileMode.OtherRead)]
    [TestCase(UnixFileMode.GroupWrite)]
    [TestCase(UnixFileMode.UserExecute)]
    public void ReadOrCreate_OthersMayUseIt_IsRefused(UnixFileMode extra)
    {
        SecretFile.ReadOrCreate(SecretPath, () => "s3cret");
        File.SetUnixFileMode(SecretPath, OwnerOnly | extra);

        var error = Assert.Throws<IOException>(() => SecretFile.ReadOrCreate(SecretPath, () => "other"));
        Assert.That(error!.Message, Is.EqualTo($"{SecretPath} can be read by other users; run: chmod 600 {SecretPath}"));
    }

    [TestCase("")]
    [TestCase("\n")]
    [TestCase(" \n")]
    public void ReadOrCreate_EmptyFile_IsRefused(string content)
    {
        File.WriteAllText(SecretPath, content);
        File.SetUnixFileMode(SecretPath, OwnerOnly);

        var error = Assert.Throws<IOException>(() => SecretFile.ReadOrCreate(SecretPath, () => "other"));
        Assert.That(error!.Message, Is.EqualTo($"{SecretPath} is empty; {SecretFile.Remedy}"));
    }

    [Test]
    public void ReadOrCreate_LeftoverOfAnInterruptedStart_IsNotUsed()
    {
        File.WriteAllText($"{SecretPath}.tmp", "half");

        Assert.That(SecretFile.ReadOrCreate(SecretPath, () => "s3cret"), Is.EqualTo("s3cret"));
        Assert.That(File.GetUnixFileMode(SecretPath), Is.EqualTo(OwnerOnly), "the leftover had another mode");
    }

    [Test]
    public void NewToken_Always_IsLongRandomAndNeedsNoQuoting()
    {
        var (first, second) = (SecretFile.NewToken(), SecretFile.NewToken());

        Assert.That(first, Does.Match("^os_[0-9a-f]{64}$"));
        Assert.That(second, Is.Not.EqualTo(first));
    }

    [Test]
    public void AdminToken_FirstStart_MatchesWhatTheFileSays()
    {
        var admin = new AdminToken(_directory.Path, NullLogger<AdminToken>.Instance);
        var token = File.ReadAllText(_directory.File(AdminToken.FileName)).Trim();

        Assert.That(admin.Matches(token, out _), Is.True);
        Assert.That(new AdminToken(_directory.Path, NullLogger<AdminToken>.Instance).Matches(token, out _), Is.True, "after a restart");
        Assert.That(new[] { "", " ", token[..^1], token + "0", token.ToUpperInvariant() }.Select(t => admin.Matches(t, out _)), Is.All.False);
    }

    [Test]
    public void ReadOrCreate_Directory_IsRefusedAndLeftAlone()
    {
        Directory.CreateDirectory(SecretPath);

        var error = Assert.Throws<IOException>(() => SecretFile.ReadOrCreate(SecretPath, () => "other"));
        Assert.That(error!.Message, Is.EqualTo($"{SecretPath} is a directory; {SecretFile.Remedy}"));
        Assert.That(Directory.GetFileSystemEntries(_directory.Path), Is.EqualTo(new[] { SecretPath }), "no secret is left beside it");
    }

    [TestCase("os_0123")]
    [TestCase("os_0123456789012345678901234567890123456789")]
    [TestCase("too-short-for-a-token")]
    [TestCase("0123456789 0123456789 0123456789 0123456789")]
    [TestCase("0123456789\u00010123456789012345678901234567890")]
    public void AdminToken_DamagedFile_LetsNobodyIn(string content)
    {
        File.WriteAllText(_directory.File(AdminToken.FileName), content);
        File.SetUnixFileMode(_directory.File(AdminToken.FileName), OwnerOnly);

        var error = Assert.Throws<IOException>(() => _ = new AdminToken(_directory.Path, NullLogger<AdminToken>.Instance));
        Assert.That(error!.Message, Does.Contain("holds no token, or a damaged one"));
    }

    [Test]
    public void AdminToken_EmptyFile_LetsNobodyIn()
    {
        File.WriteAllText(_directory.File(AdminToken.FileName), "");
        File.SetUnixFileMode(_directory.File(AdminToken.FileName), OwnerOnly);

        Assert.Throws<IOException>(() => _ = new AdminToken(_directory.Path, NullLogger<AdminToken>.Instance));
    }
}
