using OpenShell.TestKit;

namespace OpenShell.Gateway.Logs;

public sealed class LogBuffersTests
{
    [Test]
    public void Append_MoreThanTheLines_KeepsTheNewest()
    {
        var logs = Create(new LogLimits());
        for (var i = 0; i < 2010; i++)
        {
            logs.Append("a", LogLines.Create($"{i}"));
        }

        var tail = logs.Tail("a", LogFilter.All, int.MaxValue);
        Assert.That((tail.Total, tail.Lines.Count), Is.EqualTo((2000, 2000)));
        Assert.That((tail.Lines[0].Message, tail.Lines[^1].Message), Is.EqualTo(("10", "2009")));
        Assert.That(tail.LastSequence, Is.EqualTo(tail.Lines[^1].Sequence));
    }

    [Test]
    public void Append_MoreThanTheBytes_KeepsWhatFits()
    {
        var logs = Create(new LogLimits { MaxBytes = 10_000 });
        for (var i = 0; i < 100; i++)
        {
            logs.Append("a", LogLines.Create($"{i}" + new string('x', 1000)));
        }

        var tail = logs.Tail("a", LogFilter.All, int.MaxValue);
        Assert.That(tail.Lines.Sum(l => l.Bytes), Is.LessThanOrEqualTo(10_000));
        Assert.That(tail.Lines, Has.Count.EqualTo(4));
        Assert.That(tail.Lines[^1].Message, Does.StartWith("99"));
    }

    [Test]
    public void Append_MainProcessFloods_KeepsWhatIsSaidAboutTheSandbox()
    {
        var logs = Create(new LogLimits());
        for (var i = 0; i < 10_000; i++)
        {
            logs.Append("a", LogLines.Create($"m{i}", source: "main"));
            if (i % 100 == 0)
            {
                logs.Append("a", LogLines.Create($"g{i}"));
            }
        }

        var tail = logs.Tail("a", LogFilter.All, int.MaxValue);
        Assert.That(tail.Total, Is.EqualTo(2000));
        Assert.That(tail.Lines.Count(l => l.Source != "main"), Is.EqualTo(100));
        Assert.That(tail.Lines.Select(l => l.Sequence), Is.Ordered);
        Assert.That(tail.Lines[^1].Message, Is.EqualTo("m9999"));
    }

    [Test]
    public void Append_ManyFullSandboxes_EachKeepsItsShare()
    {
        var logs = Create(new LogLimits { MaxBytes = 50_000, MaxTotalBytes = 60_000 });
        Fill("a");
        logs.Open("b");
        logs.Open("c");
        Fill("b");
        Fill("c");

        var kept = new[] { "a", "b", "c" }.Select(id => logs.Tail(id, LogFilter.All, int.MaxValue).Lines.Sum(l => (long)l.Bytes)).ToList();
        Assert.That(kept.Sum(), Is.LessThanOrEqualTo(60_000));
        Assert.That(kept, Has.All.InRange(10_000, 20_000));

        void Fill(string id)
        {
            for (var i = 0; i < 100; i++)
            {
                logs.Append(id, LogLines.Create(new string('x', 500)));
            }
        }
    }

    [Test]
    public void Tail_FilterAndCount_AreTheNewestThatAreWanted()
    {
        var logs = Create(new LogLimits());
        for (var i = 0; i < 10; i++)
        {
            logs.Append("a", LogLines.Create($"{i}", source: i % 2 == 0 ? "gateway" : "sandbox"));
        }

        var tail = logs.Tail("a", LogFilter.All with { Sources = new HashSet<string> { "sandbox" } }, 2);
        Assert.That(tail.Lines.Select(l => l.Message), Is.EqualTo(new[] { "7", "9" }));
        Assert.That(tail.Total, Is.EqualTo(10));
    }

    [Test]
    public void Append_SandboxIsNotOpen_KeepsNothing()
    {
        var logs = Create(new LogLimits());
        logs.Append("a", LogLines.Create());
        logs.Forget("a");

        Assert.That(logs.Append("a", LogLines.Create()), Is.Null);
        Assert.That(logs.Append("never", LogLines.Create()), Is.Null);
        Assert.That(logs.Tail("a", LogFilter.All, 10).Total, Is.Zero);
        Assert.That(logs.Intake("a"), Is.Null);
    }

    [Test]
    public void Open_Again_KeepsWhatIsThere()
    {
        var logs = Create(new LogLimits());
        logs.Append("a", LogLines.Create());
        logs.Open("a");
        Assert.That(logs.Tail("a", LogFilter.All, 10).Total, Is.EqualTo(1));
    }

    [Test]
    public void Bounded_TooLong_IsCutWithAMark()
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

    private static LogBuffers Create(LogLimits limits)
    {
        var logs = new LogBuffers(limits);
        logs.Open("a");
        return logs;
    }
}
