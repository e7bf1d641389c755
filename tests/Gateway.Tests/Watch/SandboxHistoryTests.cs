using System.Globalization;
using OpenShell.Gateway.Logs;

namespace OpenShell.Gateway.Watch;

public sealed class SandboxHistoryTests
{
    [Test]
    public void PublishLog_MoreThanTheLines_KeepsTheNewest()
    {
        var logs = Create(new LogLimits());
        for (var i = 0; i < 2010; i++)
        {
            logs.PublishLog("a", LogLines.Create($"{i}"));
        }

        var tail = logs.Tail("a", LogFilter.All, int.MaxValue);
        Assert.That((tail.Total, tail.Lines.Count), Is.EqualTo((2000, 2000)));
        Assert.That((tail.Lines[0].Message, tail.Lines[^1].Message), Is.EqualTo(("10", "2009")));
    }

    [Test]
    public void PublishLog_MoreThanTheBytes_KeepsWhatFits()
    {
        var logs = Create(new LogLimits { MaxBytes = 10_000 });
        for (var i = 0; i < 100; i++)
        {
            logs.PublishLog("a", LogLines.Create($"{i}" + new string('x', 1000)));
        }

        var tail = logs.Tail("a", LogFilter.All, int.MaxValue);
        Assert.That(tail.Lines.Sum(l => l.Bytes), Is.LessThanOrEqualTo(10_000));
        Assert.That(tail.Lines, Has.Count.EqualTo(4));
        Assert.That(tail.Lines[^1].Message, Does.StartWith("99"));
    }

    [Test]
    public void PublishLog_MainProcessFloods_KeepsWhatIsSaidAboutTheSandbox()
    {
        var logs = Create(new LogLimits());
        for (var i = 0; i < 10_000; i++)
        {
            logs.PublishLog("a", LogLines.Create($"m{i}", source: "main"));
            if (i % 100 == 0)
            {
                logs.PublishLog("a", LogLines.Create($"g{i}"));
            }
        }

        var tail = logs.Tail("a", LogFilter.All, int.MaxValue);
        Assert.That(tail.Total, Is.EqualTo(2000));
        Assert.That(tail.Lines.Count(l => l.Source != "main"), Is.EqualTo(100));
        Assert.That(tail.Lines.Select(l => int.Parse(l.Message[1..], CultureInfo.InvariantCulture)), Is.Ordered);
        Assert.That(tail.Lines[^1].Message, Is.EqualTo("m9999"));
    }

    [Test]
    public void PublishLog_ManyFullSandboxes_EachKeepsItsShare()
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
                logs.PublishLog(id, LogLines.Create(new string('x', 500)));
            }
        }
    }

    [Test]
    public void Tail_FilterAndCount_AreTheNewestThatAreWanted()
    {
        var logs = Create(new LogLimits());
        for (var i = 0; i < 10; i++)
        {
            logs.PublishLog("a", LogLines.Create($"{i}", source: i % 2 == 0 ? "gateway" : "sandbox"));
        }

        var tail = logs.Tail("a", LogFilter.All with { Sources = new HashSet<string> { "sandbox" } }, 2);
        Assert.That(tail.Lines.Select(l => l.Message), Is.EqualTo(new[] { "7", "9" }));
        Assert.That(tail.Total, Is.EqualTo(10));
    }

    [Test]
    public void PublishLog_SandboxIsNotOpen_KeepsNothing()
    {
        var logs = Create(new LogLimits());
        logs.PublishLog("a", LogLines.Create());
        logs.PublishRemoved("a");

        Assert.That(logs.PublishLog("a", LogLines.Create()), Is.False);
        Assert.That(logs.PublishLog("never", LogLines.Create()), Is.False);
        Assert.That(logs.Tail("a", LogFilter.All, 10).Total, Is.Zero);
        Assert.That(logs.Intake("a"), Is.Null);
    }

    [Test]
    public void Open_Again_KeepsWhatIsThere()
    {
        var logs = Create(new LogLimits());
        logs.PublishLog("a", LogLines.Create());
        logs.Open("a");
        Assert.That(logs.Tail("a", LogFilter.All, 10).Total, Is.EqualTo(1));
    }

    [Test]
    public void PublishPlatform_MoreThanTheEvents_KeepsTheNewest()
    {
        var hub = Create(new LogLimits());
        for (var i = 0; i < 300; i++)
        {
            hub.PublishPlatform("a", PlatformEvents.Create($"{i}"));
        }

        Assert.That(PlatformTail(hub, 1000), Is.EqualTo(Enumerable.Range(44, 256).Select(i => $"{i}")));
        Assert.That(PlatformTail(hub, 2), Is.EqualTo(new[] { "298", "299" }));
        Assert.That(PlatformTail(hub, 0), Is.Empty);
    }

    [Test]
    public void PublishPlatform_LongMessages_HaveAQuarterOfTheBytes()
    {
        var hub = Create(new LogLimits());
        hub.PublishLog("a", LogLines.Create("said before"));
        for (var i = 0; i < 100; i++)
        {
            hub.PublishPlatform("a", PlatformEvents.Create($"{i} {new string('x', 20_000)}"));
        }

        Assert.That(PlatformTail(hub, 1000), Has.Count.InRange(5, 8));
        Assert.That(hub.Tail("a", LogFilter.All, 10).Lines.Single().Message, Is.EqualTo("said before"));
    }

    [Test]
    public async Task PublishRemoved_SomebodyWatches_WhatItHasNotReadCountsUntilItIsGone()
    {
        var hub = Create(new LogLimits { MaxBytes = 50_000, MaxTotalBytes = 60_000 });
        var watch = hub.Subscribe("a", new WatchFilter(LogFilter.All, false));
        Fill("a");
        hub.PublishRemoved("a");
        hub.Open("b");
        Fill("b");

        var kept = hub.Tail("b", LogFilter.All, int.MaxValue).Lines.Sum(l => (long)l.Bytes);
        Assert.That(kept, Is.InRange(20_000, 30_000), "it shares with the one that has gone");
        Assert.That(await watch.ReadAsync(CancellationToken.None), Is.InstanceOf<MissedEvent>());

        watch.Dispose();
        Fill("b");
        Assert.That(hub.Tail("b", LogFilter.All, int.MaxValue).Lines.Sum(l => (long)l.Bytes), Is.InRange(40_000, 50_000));

        void Fill(string id)
        {
            for (var i = 0; i < 100; i++)
            {
                hub.PublishLog(id, LogLines.Create(new string('x', 500)));
            }
        }
    }

    private static List<string> PlatformTail(SandboxEventHub hub, int count)
    {
        using var watch = hub.Subscribe("a", new WatchFilter(null, true));
        return [.. watch.BeginWithTail(0, count).Select(e => ((PlatformEventReceived)e).Event.Message)];
    }

    private static SandboxEventHub Create(LogLimits limits)
    {
        var logs = new SandboxEventHub(TimeProvider.System, limits);
        logs.Open("a");
        return logs;
    }
}
