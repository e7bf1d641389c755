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
    [TestCase("-a")]
    [TestCase("a-")]
    [TestCase("a--b")]
    [TestCase("A")]
    [TestCase("a_b")]
    [TestCase("a.b")]
    [TestCase("a b")]
    [TestCase("ä")]
    [TestCase("a\n")]
    [TestCase("\na")]
    [TestCase("a\0")]
    public void Check_InvalidName_SaysTheRule(string name) => Assert.That(
        SandboxNames.Check(name),
        Is.EqualTo($"name '{name}' must consist of lower-case letters, digits and single dashes, and begin and end with a letter or digit"));

    [Test]
    public void Check_TooLong_SaysHowLongItMayBe() => Assert.That(
        SandboxNames.Check("12345678901234567890"), Is.EqualTo("name '12345678901234567890' has 20 characters; at most 19 are allowed"));
}
