using OpenShell.Linux.Programs;

namespace OpenShell.Linux.Tests.Programs;

[TestFixture]
internal sealed class XdgDirectoriesTests
{
    [Test]
    public void Defaults_HomeOnly_AreBelowIt()
    {
        var directories = Of(("HOME", "/home/ann"));

        Assert.That(directories.Config, Is.EqualTo("/home/ann/.config/openshell"));
        Assert.That(directories.State, Is.EqualTo("/home/ann/.local/state/openshell"));
        Assert.That(directories.Runtime, Is.EqualTo("/home/ann/.local/state/openshell/run"));
    }

    [Test]
    public void Variables_AbsolutePaths_AreTaken()
    {
        var directories = Of(("HOME", "/home/ann"), ("XDG_CONFIG_HOME", "/c"), ("XDG_STATE_HOME", "/s"), ("XDG_RUNTIME_DIR", "/run/user/7"));

        Assert.That(directories.Config, Is.EqualTo("/c/openshell"));
        Assert.That(directories.State, Is.EqualTo("/s/openshell"));
        Assert.That(directories.Runtime, Is.EqualTo("/run/user/7/openshell"));
    }

    [Test]
    public void Variables_RelativePath_IsIgnored() =>
        Assert.That(Of(("HOME", "/home/ann"), ("XDG_STATE_HOME", "state")).State, Is.EqualTo("/home/ann/.local/state/openshell"));

    [Test]
    public void Home_NoVariable_IsAnAbsolutePath() => Assert.That(Path.IsPathRooted(Of().Home), Is.True);

    private static XdgDirectories Of(params (string Name, string Value)[] variables) =>
        new(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
