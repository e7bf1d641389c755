using OpenShell.TestKit;

namespace OpenShell.Gateway.Logs;

public sealed class SandboxLogLineTests
{
    [Test]
    public void Harmless_TooLong_IsCutWithAMark()
    {
        var line = new SandboxLogLine(
            LogLines.Then, new string('L', 99), new string('T', 999), new string('m', 99_999), "sandbox",
            [.. Enumerable.Range(0, 100).Select(i => KeyValuePair.Create($"k{i}", new string('v', 9999)))]).Harmless();
        Assert.Multiple(() =>
        {
            Assert.That(line.Level, Has.Length.EqualTo(16));
            Assert.That(line.Target, Has.Length.EqualTo(128));
            Assert.That(line.Message, Has.Length.EqualTo(8192).And.EndsWith("… (cut)"));
            Assert.That(line.Fields, Has.Count.EqualTo(32));
            Assert.That(line.Fields[0].Value, Has.Length.EqualTo(1024).And.EndsWith("… (cut)"));
        });
    }

    [Test]
    public void Take_MoreThanTheRate_WaitsUntilItIsPaid()
    {
        var time = new ManualTimeProvider();
        var intake = new LogIntake();
        Assert.That(intake.Take(4000, 1000, time), Is.EqualTo(TimeSpan.Zero), "a burst of two seconds");
        Assert.That(intake.Take(2000, 1000, time).TotalSeconds, Is.EqualTo(1).Within(0.01));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(intake.Take(0, 1024 * 1024, time).TotalSeconds, Is.EqualTo(1).Within(0.01));
        time.Advance(TimeSpan.FromHours(1));
        Assert.That(intake.Take(4000, 1000, time), Is.EqualTo(TimeSpan.Zero), "not more than one burst is saved up");
        Assert.That(intake.Take(2000, 1000, time).TotalSeconds, Is.EqualTo(1).Within(0.01));
    }
}
