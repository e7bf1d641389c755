using System.Text;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.MainProcess;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.MainProcess;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MainOutputLogTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly LogOutbox _outbox;
    private readonly MainOutputLog _log;

    public MainOutputLogTests()
    {
        _outbox = new LogOutbox(_time);
        _log = new MainOutputLog(_outbox, terminal: false, _time);
    }

    public void Dispose() => _log.Dispose();

    [Test]
    public void Write_Lines_AreLinesOfMainByOutput()
    {
        Write("one\ntwo\n\n");
        Write("bad\n", isError: true);
        var taken = _outbox.Take(10);
        Assert.That(taken.Select(l => (l.Target, l.Message)), Is.EqualTo(new[] { ("stdout", "one"), ("stdout", "two"), ("stdout", ""), ("stderr", "bad") }));
        Assert.That(taken, Has.All.Matches<LogLine>(l => l is { Source: "main", Level: "INFO" }));
    }

    [Test]
    public void Write_PiecesOfALineAndOfACharacter_AreJoined()
    {
        foreach (var b in Encoding.UTF8.GetBytes("grün \U0001F600\n"))
        {
            _log.Write([b], isError: false);
        }

        Assert.That(Messages(), Is.EqualTo(new[] { "grün \U0001F600" }));
    }

    [Test]
    public void Write_NoEndOfLine_GoesOutAfterASecond()
    {
        Write("prompt> ");
        Assert.That(Messages(), Is.Empty);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(Messages(), Is.EqualTo(new[] { "prompt> " }));
    }

    [Test]
    public void Write_Nothing_WakesNobody()
    {
        Write("line\n");
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(_time.ActiveTimers, Is.Zero);
    }

    [Test]
    public void Write_LineWithoutEnd_ComesInPiecesBetweenCharacters()
    {
        Write(string.Concat(Enumerable.Repeat("é", 5000)) + "\n");
        var messages = Messages();
        Assert.That(messages, Has.Count.EqualTo(3));
        Assert.That(string.Concat(messages), Is.EqualTo(string.Concat(Enumerable.Repeat("é", 5000))));
    }

    [Test]
    public void Write_TerminalSequencesAndRawBytes_AreTakenOutOrShown()
    {
        _log.Write([.. "\e[1mbold\e[0m\r\n10 %\r100 %\na\u202Eb\x07"u8, 0xff, (byte)'\n'], isError: false);
        Assert.That(Messages(), Is.EqualTo(new[] { "bold", "100 %", "a\\u202eb\\x07\ufffd" }));
    }

    [Test]
    public void Write_Flood_IsBoundedAndSaysWhatIsMissingAndKeepsTheLastLines()
    {
        List<string> messages = [];
        for (var second = 0; second < 10; second++)
        {
            for (var i = 0; i < 5000; i++)
            {
                Write($"{second}.{i}\n");
            }

            _time.Advance(TimeSpan.FromSeconds(1));
            messages.AddRange(Messages());
        }

        _log.Complete();
        messages.AddRange(Messages());
        var dropped = messages.Where(m => m.Contains("were dropped", StringComparison.Ordinal)).Sum(m => int.Parse(m.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
        var lines = messages.Where(m => !m.Contains("were dropped", StringComparison.Ordinal)).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(lines, Has.Count.LessThanOrEqualTo((12 * MainOutputLog.LinesPerSecond) + MainOutputLog.MostWaiting + 1));
            Assert.That(lines.Count + dropped, Is.EqualTo(50_000));
            Assert.That(lines[0], Is.EqualTo("0.0"));
            Assert.That(lines[^1], Is.EqualTo("9.4999"), "what it said last tells most");
        });
    }

    // By what is allocated: no time is a bound on any machine.
    [Test]
    public void Write_Flood_MakesOnlyTheLinesThatMayBeKept()
    {
        const int chunks = 200;
        var chunk = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("y\n", 16 * 1024)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < chunks; i++)
        {
            _log.Write(chunk, isError: false);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(chunks * MainOutputLog.MostWaiting * 1000L));
        Write("the end\n");
        _log.Complete();
        var messages = Messages();
        Assert.That(messages[^1], Is.EqualTo("the end"));
        var dropped = messages.Single(m => m.Contains("were dropped", StringComparison.Ordinal)).Split(' ')[0];
        Assert.That(int.Parse(dropped, System.Globalization.CultureInfo.InvariantCulture) + messages.Count - 1, Is.EqualTo((chunks * 16 * 1024) + 1));
    }

    [Test]
    public void Complete_Part_GoesOutBeforeAnythingThatComesLater()
    {
        Write("last words");
        _log.Complete();
        _outbox.Add("INFO", "main process ended with 3");
        Assert.That(Messages(), Is.EqualTo(new[] { "last words", "main process ended with 3" }));
        Write("too late\n");
        Assert.That(Messages(), Is.Empty);
    }

    // What Take has not handed out does not count, nor does what the gateway has not acknowledged.
    [Test]
    public void Deliver_LinesOfBefore_CompletesWithTheirAcknowledgement()
    {
        Write("one\ntwo\n");
        var filled = _outbox.WhenFilledAsync(50);
        var delivered = _outbox.DeliverAsync();
        Assert.That(filled.IsCompleted, "nobody waits for a whole batch");
        var taken = _outbox.Take(50);
        Write("three\n");
        Assert.That(delivered.IsCompleted, Is.False);
        _outbox.Acknowledge(taken.Length);
        Assert.That(delivered.Wait(TestEngine.Timeout), Is.True);
        Assert.That(_outbox.DeliverAsync().IsCompleted, Is.False);
    }

    private void Write(string text, bool isError = false) => _log.Write(Encoding.UTF8.GetBytes(text), isError);

    private List<string> Messages() => [.. _outbox.Take(5000).Select(l => l.Message)];
}
