namespace OpenShell.Gateway.Sandboxes;

public class SandboxNamesTests
{
    [Test]
    public void Generate_Often_IsAlwaysTwoValidWords()
    {
        var names = Enumerable.Range(0, 20_000).Select(_ => SandboxNames.Generate()).Distinct().ToList();

        Assert.That(names.Select(SandboxNames.Check), Is.All.Null);
        Assert.That(names, Is.All.Match("^[a-z]+-[a-z]+$"));
        Assert.That(names.Max(n => n.Length), Is.LessThanOrEqualTo(19));
        Assert.That(names, Has.Count.GreaterThan(2000), "of 3600");
    }

    [TestCase("a")]
    [TestCase("0")]
    [TestCase("my-box")]
    [TestCase("a-b-c-1")]
    [TestCase("1234567890123456789")]
    public void Check_ValidName_IsNull(string name) => Assert.That(SandboxNames.Check(name), Is.Null);

    [TestCase("")]
    [TestCase("A")]
    [TestCase("a_b")]
    [TestCase("a.b")]
    [TestCase("a b")]
    [TestCase("ä")]
    [TestCase("a\n")]
    [TestCase("\na")]
    [TestCase("a\0")]
    public void Check_OtherCharacters_SaysTheRule(string name) => Assert.That(
        SandboxNames.Check(name), Is.EqualTo("name must contain only lowercase alphanumeric characters or hyphens"));

    [TestCase("-a")]
    [TestCase("a-")]
    [TestCase("-")]
    public void Check_HyphenAtAnEnd_SaysTheRule(string name) =>
        Assert.That(SandboxNames.Check(name), Is.EqualTo("name must not start or end with a hyphen"));

    [Test]
    public void Check_TwoHyphens_SaysTheRule() =>
        Assert.That(SandboxNames.Check("a--b"), Is.EqualTo("name must not contain consecutive hyphens"));

    [TestCase("12345678901234567890", 20)]
    [TestCase("ääääääääää", 20)]
    [TestCase("-------------------------", 25)]
    public void Check_TooLong_CountsBytes(string name, int bytes) =>
        Assert.That(SandboxNames.Check(name), Is.EqualTo($"name exceeds maximum length ({bytes} > 19)"));
}
