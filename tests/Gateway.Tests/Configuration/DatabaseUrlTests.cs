namespace OpenShell.Gateway.Configuration;

public class DatabaseUrlTests
{
    [TestCase("sqlite:/var/lib/openshell.db", "/var/lib/openshell.db")]
    [TestCase("sqlite:///var/lib/openshell.db", "/var/lib/openshell.db")]
    [TestCase("sqlite:/var/lib/../openshell.db", "/var/openshell.db")]
    [TestCase("sqlite:/var/lib/openshell.db?mode=rwc", "/var/lib/openshell.db")]
    [TestCase("sqlite:///var/lib/openshell.db?mode=rwc", "/var/lib/openshell.db")]
    [TestCase("sqlite::memory:?mode=rwc", null)]
    [TestCase("sqlite::memory:", null)]
    [TestCase("sqlite://:memory:", null)]
    public void TryParse_Sqlite_IsItsPath(string text, string? path)
    {
        Assert.That(DatabaseUrl.TryParse(text, out var url), Is.True);
        Assert.That(url!.Path, Is.EqualTo(path));
    }

    [TestCase("sqlite:openshell.db")]
    [TestCase("sqlite://openshell.db")]
    public void TryParse_RelativePath_IsMadeAbsolute(string text)
    {
        Assert.That(DatabaseUrl.TryParse(text, out var url), Is.True);
        Assert.That(url!.Path, Is.EqualTo(Path.Combine(Environment.CurrentDirectory, "openshell.db")));
    }

    [TestCase("")]
    [TestCase("sqlite:")]
    [TestCase("sqlite://")]
    [TestCase("/var/lib/openshell.db")]
    [TestCase("postgres://localhost/openshell")]
    [TestCase("sqlite:?mode=rwc")]
    [TestCase("sqlite:/x?mode=ro")]
    [TestCase("sqlite:/x?mode=rwc&cache=shared")]
    [TestCase("SQLITE:/x")]
    public void TryParse_SomethingElse_IsFalse(string text) => Assert.That(DatabaseUrl.TryParse(text, out _), Is.False);
}
