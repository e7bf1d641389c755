using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Services;

public class LabelSelectorTests
{
    [TestCase("", "")]
    [TestCase("a=b", "a=b")]
    [TestCase(" a=b , c=d ,", "a=b;c=d")]
    [TestCase("a=", "a=")]
    [TestCase("a=1,a=1", "a=1")]
    [TestCase("example.com/team=blue", "example.com/team=blue")]
    public void Parse_Selector_IsItsPairs(string selector, string expected)
    {
        Assert.That(LabelSelector.Parse(selector).Succeeded(out var labels, out _), Is.True);
        Assert.That(string.Join(';', labels!.OrderBy(l => l.Key).Select(l => $"{l.Key}={l.Value}")), Is.EqualTo(expected));
    }

    [TestCase("a", "a")]
    [TestCase("=b", "=b")]
    [TestCase("a=b,c", "c")]
    public void Parse_BadSelector_NamesThePart(string selector, string part)
    {
        Assert.That(LabelSelector.Parse(selector).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.InvalidArgument, $"label selector '{part}' is not of the form key=value")));
    }

    [Test]
    public void Parse_MoreTermsThanTheStoreTakes_IsRefused()
    {
        Assert.That(LabelSelector.Parse(Terms(64)).Succeeded(out var labels, out _), Is.True);
        Assert.That(labels, Has.Count.EqualTo(64));
        foreach (var count in new[] { 65, 100_000 })
        {
            Assert.That(LabelSelector.Parse(Terms(count)).Succeeded(out _, out var failure), Is.False);
            Assert.That(failure, Is.EqualTo(new Failure(FailureKind.InvalidArgument, "the label selector has more than 64 terms")));
        }

        static string Terms(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"k{i}=v"));
    }

    [Test]
    public void Parse_LongBadTerm_IsNotSaidInFull()
    {
        Assert.That(LabelSelector.Parse(new string('x', 1_000_000)).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure!.Message, Has.Length.LessThan(250));
    }

    [TestCase("a b=c", "label selector: label key contains invalid characters (letters, digits and '-', '_', '.' between them): 'a b'")]
    [TestCase("a=b=c", "label selector: label value contains invalid characters (letters, digits and '-', '_', '.' between them): 'b=c'")]
    [TestCase("a==b", "label selector: label value contains invalid characters (letters, digits and '-', '_', '.' between them): '=b'")]
    [TestCase("a!=b", "label selector: label key contains invalid characters (letters, digits and '-', '_', '.' between them): 'a!'")]
    [TestCase("a=1,a=2", "label selector asks for 'a' twice, as '1' and as '2': nothing has both")]
    public void Parse_TermThatNothingCanMatch_IsRefused(string selector, string message)
    {
        Assert.That(LabelSelector.Parse(selector).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure, Is.EqualTo(new Failure(FailureKind.InvalidArgument, message)));
    }
}
