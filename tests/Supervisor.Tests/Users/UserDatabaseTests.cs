using OpenShell.Supervisor.Users;

namespace OpenShell.Supervisor.Tests.Users;

public sealed class UserDatabaseTests
{
    private DirectoryInfo _directory = null!;
    private UserDatabase _users = null!;

    [SetUp]
    public void WriteFiles()
    {
        _directory = Directory.CreateTempSubdirectory("users");
        File.WriteAllText(Path.Combine(_directory.FullName, "passwd"), """
            root:x:0:0:root:/root:/bin/bash
            broken line
            dev:x:1000:1000:Dev,,,:/home/dev:/bin/zsh
            homeless:x:1001:50::/:
            """);
        File.WriteAllText(Path.Combine(_directory.FullName, "group"), """
            root:x:0:
            dev:x:1000:
            audio:x:29:dev,other
            docker:x:998:other,dev
            staff:x:50:developer
            """);
        _users = new UserDatabase(_directory.FullName);
    }

    [TearDown]
    public void DeleteFiles() => _directory.Delete(recursive: true);

    [TestCase("dev")]
    [TestCase("1000")]
    public void Find_ByNameOrNumber_HasAllThatIsRecorded(string user)
    {
        var found = _users.Find(user)!;
        Assert.Multiple(() =>
        {
            Assert.That((found.Name, found.Uid, found.Gid, found.Home, found.Shell), Is.EqualTo(("dev", 1000u, 1000u, "/home/dev", "/bin/zsh")));
            Assert.That(found.Groups, Is.EqualTo(new uint[] { 1000, 29, 998 }));
        });
    }

    [TestCase("", 0u, 0u)]
    [TestCase("root", 0u, 0u)]
    [TestCase("dev:audio", 1000u, 29u)]
    [TestCase("1000:7", 1000u, 7u)]
    [TestCase("4242", 4242u, 0u)]
    [TestCase("4242:4343", 4242u, 4343u)]
    public void Find_OtherForms_GiveTheIds(string user, uint uid, uint gid)
    {
        var found = _users.Find(user)!;
        Assert.That((found.Uid, found.Gid), Is.EqualTo((uid, gid)));
    }

    [TestCase("nobody-here")]
    [TestCase("dev:no-group")]
    [TestCase("-1")]
    [TestCase("4294967295")]
    [TestCase("broken line")]
    [TestCase(":")]
    public void Find_NoSuchUser_IsNull(string user) => Assert.That(_users.Find(user), Is.Null);

    [Test]
    public void Find_NoFiles_StillKnowsRoot() =>
        Assert.That(new UserDatabase("/no/such/directory").Find("root")!.Home, Is.EqualTo("/root"));
}
