using System.Text;
using OpenShell.Supervisor.MainProcess;

namespace OpenShell.Supervisor.Tests.MainProcess;

public sealed class OutputRingTests
{
    [TestCase("", "")]
    [TestCase("abc", "abc")]
    [TestCase("abc,def,gh", "abcdefgh")]
    [TestCase("abc,def,ghi", "bcdefghi")]
    [TestCase("0123456789", "23456789")]
    [TestCase("a,0123456789ABCDEF,z", "9ABCDEFz")]
    public void Replay_Always_HasTheLastBytesInOrder(string pieces, string expected)
    {
        var ring = new OutputRing(8, 3);
        foreach (var piece in pieces.Split(','))
        {
            ring.Write(Encoding.ASCII.GetBytes(piece), isError: false);
        }

        ring.Complete();
        Assert.That(ReadToEnd(ring.OpenReader(), 3), Is.EqualTo((expected, OutputReadKind.End)));
    }

    [Test]
    public void Replay_ManyWritesOfAllSizes_EqualsTheTail()
    {
        var random = new Random(1);
        var ring = new OutputRing(1000, 100);
        var all = new List<byte>();
        for (var i = 0; i < 500; i++)
        {
            var piece = new byte[random.Next(0, 1500)];
            random.NextBytes(piece);
            ring.Write(piece, isError: i % 3 == 0);
            all.AddRange(piece);
            Assert.That(ReadAvailable(ring.OpenReader()), Is.EqualTo(all.TakeLast(1000)));
        }
    }

    [Test]
    public void Reader_WritesGoOnMeanwhile_SeesEveryByteOnceAndWhereItCameFrom()
    {
        var ring = new OutputRing(16, 16);
        ring.Write("old"u8, isError: false);
        var reader = ring.OpenReader();
        ring.Write("E1"u8, isError: true);
        ring.Write("E2"u8, isError: true);
        Span<byte> buffer = stackalloc byte[16];
        Assert.That(reader.Read(buffer), Is.EqualTo(new OutputRead(OutputReadKind.Output, 3)));
        Assert.That(reader.Read(buffer), Is.EqualTo(new OutputRead(OutputReadKind.Error, 4)));
        Assert.That(reader.Read(buffer), Is.EqualTo(new OutputRead(OutputReadKind.NothingYet, 0)));
        ring.Write("new"u8, isError: false);
        ring.Complete();
        Assert.That(ReadToEnd(reader, 2), Is.EqualTo(("new", OutputReadKind.End)));
    }

    [Test]
    public void Reader_FallsBehindByMoreThanTheSlack_IsToldAndNotGivenTheRest()
    {
        var ring = new OutputRing(4, 4);
        ring.Write("0123"u8, isError: false);
        var reader = ring.OpenReader();
        ring.Write("4567"u8, isError: false);
        Assert.That(reader.IsBehind(1), Is.True);
        ring.Write("8"u8, isError: false);
        Assert.Multiple(() =>
        {
            Assert.That(ReadToEnd(reader, 8), Is.EqualTo(("", OutputReadKind.Lost)));
            Assert.That(reader.IsBehind(1), Is.False, "it has nothing more to lose");
        });
    }

    [Test]
    public void Write_OutputsAlternateByTheByte_MemoryIsBoundedAndTheTailIsRight()
    {
        var ring = new OutputRing(100_000, 1);
        for (var i = 0; i < 10_000; i++)
        {
            ring.Write([(byte)i], isError: i % 2 == 0);
        }

        var tail = ReadAvailable(ring.OpenReader());
        Assert.That(tail, Has.Count.InRange(2000, 4096));
        Assert.That(tail, Is.EqualTo(Enumerable.Range(10_000 - tail.Count, tail.Count).Select(number => (byte)number)));
    }

    [Test]
    public async Task Wait_SomethingIsWrittenOrTheEndComes_Completes()
    {
        var ring = new OutputRing(8, 8);
        var reader = ring.OpenReader();
        var waiting = reader.WaitAsync(CancellationToken.None);
        Assert.That(waiting.IsCompleted, Is.False);
        ring.Write("a"u8, isError: false);
        await waiting.WaitAsync(TestEngine.Timeout);
        ReadAvailable(reader);
        waiting = reader.WaitAsync(CancellationToken.None);
        Assert.That(waiting.IsCompleted, Is.False);
        ring.Complete();
        await waiting.WaitAsync(TestEngine.Timeout);
    }

    private static List<byte> ReadAvailable(OutputReader reader)
    {
        List<byte> bytes = [];
        var buffer = new byte[333];
        OutputRead read;
        while ((read = reader.Read(buffer)).Count > 0)
        {
            bytes.AddRange(buffer.AsSpan(0, read.Count));
        }

        return bytes;
    }

    private static (string Text, OutputReadKind End) ReadToEnd(OutputReader reader, int bufferLength)
    {
        var text = new StringBuilder();
        var buffer = new byte[bufferLength];
        OutputRead read;
        while ((read = reader.Read(buffer)).Count > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read.Count));
        }

        return (text.ToString(), read.Kind);
    }
}
