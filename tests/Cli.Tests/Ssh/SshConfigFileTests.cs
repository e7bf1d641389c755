using OpenShell.Cli.Context;
using OpenShell.Cli.Ssh;
using OpenShell.Cli.Tests.Fakes;

namespace OpenShell.Cli.Tests.Ssh;

internal sealed class SshConfigFileTests
{
    private const string Users = "# mine\nHost work\n    User me\n";

    private CliHarness _cli = null!;
    private SshConfigFile _file = null!;

    [SetUp]
    public void Create()
    {
        _cli = new CliHarness();
        _file = new SshConfigFile(CliEnvironment.Of(_cli.Environment));
    }

    [TearDown]
    public void Remove() => _cli.Dispose();

    [Test]
    public void Install_Twice_OneLineAtTheTopAndTheRestAsItWas()
    {
        _cli.WriteFile(".ssh/config", Users, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        _file.Install("openshell-a", "Host openshell-a\n    User root\n");
        _file.Install("openshell-b", "Host openshell-b\n    User root\n");
        _file.Install("openshell-a", "Host openshell-a\n    User other\n");

        Assert.That(File.ReadAllText(_file.UserPath), Is.EqualTo($"Include \"{_file.ManagedPath}\"\n\n{Users}"));
        Assert.That(File.GetUnixFileMode(_file.UserPath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead));
        var managed = File.ReadAllText(_file.ManagedPath);
        Assert.That(managed, Does.Contain("Host openshell-a\n    User other\n").And.Contain("Host openshell-b\n    User root\n"));
        Assert.That(managed.Split("Host ").Length, Is.EqualTo(3));
    }

    [Test]
    public void Install_NoFileYet_IsTheOwnersOnly()
    {
        _file.Install("openshell-a", "Host openshell-a\n");

        Assert.That(File.ReadAllText(_file.UserPath), Is.EqualTo($"Include \"{_file.ManagedPath}\"\n"));
        Assert.That(File.GetUnixFileMode(_file.UserPath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Install_UsersFileIsALink_StaysOne()
    {
        var dotfiles = _cli.WriteFile("dotfiles/ssh_config", Users);
        Directory.CreateDirectory(Path.Combine(_cli.Root, ".ssh"));
        File.CreateSymbolicLink(_file.UserPath, dotfiles);

        _file.Install("openshell-a", "Host openshell-a\n");

        Assert.That(new FileInfo(_file.UserPath).LinkTarget, Is.EqualTo(dotfiles));
        Assert.That(File.ReadAllText(dotfiles), Does.EndWith(Users).And.StartsWith("Include "));
    }

    [Test]
    public void Uninstall_Last_EverythingIsAsBefore()
    {
        _cli.WriteFile(".ssh/config", Users);
        _file.Install("openshell-a", "Host openshell-a\n");
        _file.Install("openshell-b", "Host openshell-b\n");

        Assert.That(_file.Uninstall("openshell-a"), Is.True);
        Assert.That(File.ReadAllText(_file.UserPath), Does.StartWith("Include "), "another one is still installed");
        Assert.That(_file.Uninstall("openshell-b"), Is.True);

        Assert.That(File.ReadAllText(_file.UserPath), Is.EqualTo(Users));
        Assert.That(File.Exists(_file.ManagedPath), Is.False);
        Assert.That(_file.Uninstall(null), Is.False);
    }

    [TestCase("plain-1.2_x/y", "plain-1.2_x/y")]
    [TestCase("with space", "'with space'")]
    [TestCase("it's", "'it'\\''s'")]
    [TestCase("100%", "100%%")]
    [TestCase("", "''")]
    public void Quote_Word_IsOneWordForTheShellAndSsh(string word, string quoted) => Assert.That(ShellQuoting.Quote(word), Is.EqualTo(quoted));
}
