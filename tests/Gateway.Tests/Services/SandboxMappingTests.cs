using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Services;

public class SandboxMappingTests
{
    [TestCase("", "")]
    [TestCase("a=b", "a=b")]
    [TestCase(" a=b , c=d ,", "a=b;c=d")]
    [TestCase("a=b=c", "a=b=c")]
    [TestCase("a=", "a=")]
    [TestCase("a=1,a=2", "a=2")]
    public void ToLabels_Selector_IsItsPairs(string selector, string expected)
    {
        Assert.That(SandboxMapping.ToLabels(selector).Succeeded(out var labels, out _), Is.True);
        Assert.That(string.Join(';', labels!.OrderBy(l => l.Key).Select(l => $"{l.Key}={l.Value}")), Is.EqualTo(expected));
    }

    [TestCase("a", "a")]
    [TestCase("=b", "=b")]
    [TestCase("a=b,c", "c")]
    public void ToLabels_BadSelector_NamesThePart(string selector, string part)
    {
        Assert.That(SandboxMapping.ToLabels(selector).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.InvalidArgument, $"label selector '{part}' is not of the form key=value")));
    }

    [Test]
    public void ToLabels_MoreTermsThanTheStoreTakes_IsRefused()
    {
        Assert.That(SandboxMapping.ToLabels(Terms(64)).Succeeded(out var labels, out _), Is.True);
        Assert.That(labels, Has.Count.EqualTo(64));
        foreach (var count in new[] { 65, 100_000 })
        {
            Assert.That(SandboxMapping.ToLabels(Terms(count)).Succeeded(out _, out var failure), Is.False);
            Assert.That(failure, Is.EqualTo(new Failure(FailureKind.InvalidArgument, "the label selector has more than 64 terms")));
        }

        static string Terms(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"k{i}=v"));
    }

    [Test]
    public void ToLabels_LongBadTerm_IsNotSaidInFull()
    {
        Assert.That(SandboxMapping.ToLabels(new string('x', 1_000_000)).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure!.Message, Has.Length.LessThan(250));
    }
}
