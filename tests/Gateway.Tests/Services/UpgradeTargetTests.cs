using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Services;

internal sealed class UpgradeTargetTests
{
    [TestCase("0.2", "0.2")]
    [TestCase("v0.2", "0.2")]
    [TestCase("0.2.0", "0.2")]
    [TestCase("v1.10.0", "1.10")]
    [TestCase("", "0.2")]
    public void Parse_LineOfVersions_IsNormalised(string target, string line)
    {
        Assert.That(UpgradeTarget.Parse(target, "0.1.7").Succeeded(out var parsed, out _));
        Assert.That(parsed, Is.EqualTo(line));
    }

    [TestCase("1")]
    [TestCase("0.2.1")]
    [TestCase("0.2.0.0")]
    [TestCase("01.2")]
    [TestCase("latest")]
    [TestCase(" 0.2")]
    [TestCase("vv0.2")]
    [TestCase("9999999.1")]
    public void Parse_AnythingElse_IsRefusedWithIt(string target)
    {
        Assert.That(UpgradeTarget.Parse(target, "0.1.7").Succeeded(out _, out var failure), Is.False);
        Assert.That((failure!.Kind, failure.Message), Is.EqualTo((
            FailureKind.InvalidArgument,
            $"target_version '{target}' is no line of versions; give one such as 0.2, or nothing for the next one")));
    }
}
