using System.Buffers;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Connections;

public sealed class Http2FrameScannerTests
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    [TestCase(RawFrame.Headers, 0, 3, 0, 0, 0)]
    [TestCase(RawFrame.Headers, 0, 0, 0, 0, 0)]
    [TestCase(RawFrame.WindowUpdate, 0, 4, 0, 0, 0)]
    [TestCase(RawFrame.Data, 0, 1, 0, 0, 0)]
    [TestCase(RawFrame.Data, 1, 0, 0, 0, 0, Description = "ends a stream")]
    [TestCase(RawFrame.Data, 0, 0, 0, 0, 1)]
    [TestCase(RawFrame.ResetStream, 0, 4, 1, 0, 0)]
    [TestCase(RawFrame.Ping, 0, 8, 0, 1, 0)]
    [TestCase(RawFrame.Ping, 1, 8, 0, 1, 0)]
    [TestCase(RawFrame.Settings, 0, 6, 0, 0, 1)]
    [TestCase(RawFrame.Continuation, 0, 0, 0, 0, 1)]
    [TestCase(RawFrame.Continuation, 4, 100, 0, 0, 1)]
    [TestCase(RawFrame.Priority, 0, 5, 0, 0, 1)]
    [TestCase(RawFrame.GoAway, 0, 8, 0, 0, 1)]
    [TestCase((RawFrame)0x77, 0, 3, 0, 0, 1)]
    public void Scan_Frame_IsCountedByItsKind(RawFrame type, byte flags, int length, int resets, int pings, int needless)
    {
        var counts = new Http2FrameScanner().Scan(Sequence(Preface, RawHttp2.Encode(type, flags, 1, new byte[length])));

        Assert.That(counts, Is.EqualTo(new FrameCounts { Resets = resets, Pings = pings, Needless = needless }));
    }

    // Payloads look like frames, so that a step too short or too long shows.
    [Test]
    public void Scan_CutAnywhere_CountsTheSame([Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        var payload = Enumerable.Repeat(RawHttp2.Encode(RawFrame.ResetStream, 0, 1, [0, 0, 0, 8]), 30).SelectMany(f => f).ToArray();
        List<byte[]> frames = [Preface];
        var expected = default(FrameCounts);
        for (var i = 0; i < 50; i++)
        {
            var type = (RawFrame)random.Next(0, 10);
            frames.Add(RawHttp2.Encode(type, 0, 1, payload[..random.Next(1, payload.Length)]));
            expected = type switch
            {
                RawFrame.ResetStream => expected with { Resets = expected.Resets + 1 },
                RawFrame.Ping => expected with { Pings = expected.Pings + 1 },
                RawFrame.Data or RawFrame.Headers or RawFrame.WindowUpdate => expected,
                _ => expected with { Needless = expected.Needless + 1 },
            };
        }

        var bytes = frames.SelectMany(f => f).ToArray();
        var scanner = new Http2FrameScanner();
        var sum = default(FrameCounts);
        for (var at = 0; at < bytes.Length;)
        {
            var first = bytes[at..Math.Min(bytes.Length, at + random.Next(0, 30))];
            var second = bytes[(at + first.Length)..Math.Min(bytes.Length, at + first.Length + random.Next(0, 300))];
            var counts = scanner.Scan(Sequence(first, second));
            sum = new FrameCounts { Resets = sum.Resets + counts.Resets, Pings = sum.Pings + counts.Pings, Needless = sum.Needless + counts.Needless };
            at += first.Length + second.Length;
        }

        Assert.That(sum, Is.EqualTo(expected));
    }

    [Test]
    public void Scan_LargestFrame_IsSteppedOver()
    {
        var scanner = new Http2FrameScanner();
        scanner.Scan(new ReadOnlySequence<byte>(Preface));
        scanner.Scan(new ReadOnlySequence<byte>([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]));
        scanner.Scan(new ReadOnlySequence<byte>(new byte[0xffffff]));

        Assert.That(scanner.Scan(new ReadOnlySequence<byte>(RawHttp2.Encode(RawFrame.Ping, 0, 0, new byte[8]))).Pings, Is.EqualTo(1));
    }

    private static ReadOnlySequence<byte> Sequence(byte[] first, byte[] second)
    {
        var begin = new Segment(first, null);
        var end = new Segment(second, begin);
        return new ReadOnlySequence<byte>(begin, 0, end, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                before.Next = this;
                RunningIndex = before.RunningIndex + before.Memory.Length;
            }
        }
    }
}
