using OpenShell.Protocol.Logs;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.Tests.Logs;

public sealed class LogOutboxTests
{
    [Test]
    public void Take_Lines_AreInOrderAndTakenOnce()
    {
        var outbox = new LogOutbox(TimeProvider.System);
        outbox.Add("INFO", "1");
        outbox.Add(new NetworkActivity(NetworkActivityKind.Open, "relay", "c", "exec"));
        outbox.Add("WARN", "3");

        Assert.That(outbox.Take(2).Select(l => (l.Level, l.Message)), Is.EqualTo(new[] { ("INFO", "1"), ("OCSF", "relay to exec opened") }));
        Assert.That(outbox.Take(50).Select(l => l.Message), Is.EqualTo(new[] { "3" }));
        Assert.That(outbox.Take(50), Is.Empty);
    }

    [Test]
    public void Add_MoreThanFits_DropsTheOldestAndSaysHowMany()
    {
        var outbox = new LogOutbox(TimeProvider.System);
        for (var i = 0; i < 1034; i++)
        {
            outbox.Add("INFO", $"{i}");
        }

        var taken = outbox.Take(3);
        Assert.That(taken[0].Level, Is.EqualTo("WARN"));
        Assert.That(taken[0].Message, Does.StartWith("10 log lines were dropped"));
        Assert.That(taken.Skip(1).Select(l => l.Message), Is.EqualTo(new[] { "10", "11" }));
        Assert.That(outbox.Take(2000), Has.Length.EqualTo(1022), "it is said once");
    }

    [Test]
    public void Add_MoreThanTheBytes_KeepsLessThanAQuarterMebibyte()
    {
        var outbox = new LogOutbox(TimeProvider.System);
        for (var i = 0; i < 500; i++)
        {
            outbox.Add("INFO", new string('x', 100_000));
        }

        var taken = outbox.Take(2000);
        Assert.That(taken.Sum(l => l.Bytes), Is.LessThan(260 * 1024));
        Assert.That(taken[^1].Message, Has.Length.EqualTo(4096).And.EndsWith("(cut)"));
    }

    [Test]
    public void Add_MainProcessFloodsWhileNobodyTakes_KeepsWhatIsSaidAboutTheSandbox()
    {
        var outbox = new LogOutbox(TimeProvider.System);
        for (var i = 0; i < 5000; i++)
        {
            outbox.Add(outbox.NewLine(LogSources.Main, "INFO", "stdout", $"m{i}"));
            if (i % 50 == 0)
            {
                outbox.Add("INFO", $"s{i}");
            }
        }

        var taken = outbox.Take(5000).Skip(1).ToList();
        Assert.That(taken.Where(l => l.Source == "sandbox").Select(l => l.Message), Is.EqualTo(Enumerable.Range(0, 100).Select(i => $"s{i * 50}")));
        Assert.That(taken[^1].Message, Is.EqualTo("m4999"));
    }

    [Test]
    public async Task WhenFilled_EnoughLines_Completes()
    {
        var outbox = new LogOutbox(TimeProvider.System);
        var two = outbox.WhenFilledAsync(2);
        outbox.Add("INFO", "1");
        Assert.That(two.IsCompleted, Is.False);
        outbox.Add("INFO", "2");
        await two.WaitAsync(TestEngine.Timeout);
        Assert.That(outbox.WhenFilledAsync(1).IsCompleted, Is.True);
    }

    [Test]
    public async Task Resume_WhoeverWaits_GoesOnOnceForEachSession()
    {
        var outbox = new LogOutbox(TimeProvider.System);
        var first = outbox.Resumed;
        outbox.Resume();
        await first.WaitAsync(TestEngine.Timeout);
        Assert.That(outbox.Resumed.IsCompleted, Is.False);
    }
}
