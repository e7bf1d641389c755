using System.Buffers;
using System.Buffers.Binary;
using OpenShell.Protocol.Relay;

namespace OpenShell.Protocol.Exec;

public class ExecFrameDecoderTests
{
    private static readonly byte[] Conversation =
    [
        .. Frame(ExecFrameType.Start, 1, 2, 3),
        .. Frame(ExecFrameType.Stdin),
        .. Frame(ExecFrameType.Stdin, 10, 11, 12, 13, 14, 15, 16, 17),
        .. Frame(ExecFrameType.Resize, 20),
        .. Frame(ExecFrameType.Stdout, 30, 31),
        .. Frame(ExecFrameType.Stderr, 40),
        .. Frame(ExecFrameType.StdinEnd),
        .. Frame(ExecFrameType.Signal, 50, 51),
        .. Frame(ExecFrameType.Started, 60),
        .. Frame(ExecFrameType.Exit),
    ];

    private static readonly string[] Expected =
    [
        "Start:010203", "Stdin:0A0B0C0D0E0F1011", "Resize:14", "Stdout:1E1F", "Stderr:28", "StdinEnd:", "Signal:3233", "Started:3C", "Exit:",
    ];

    [Test]
    public void TryRead_CutAtEveryPosition_GivesTheSameFrames()
    {
        for (var cut = 0; cut <= Conversation.Length; cut++)
        {
            var decoder = new ExecFrameDecoder();
            var frames = new List<string>();

            Feed(decoder, Conversation[..cut], frames);
            Feed(decoder, Conversation[cut..], frames);

            Assert.That(frames, Is.EqualTo(Expected), $"cut at {cut}");
            Assert.That(decoder.AtFrameBoundary, Is.True, $"cut at {cut}");
        }
    }

    [Test]
    public void TryRead_ByteByByte_GivesTheSameFrames()
    {
        var decoder = new ExecFrameDecoder();
        var frames = new List<string>();

        foreach (var single in Conversation)
        {
            Feed(decoder, [single], frames);
        }

        Assert.That(frames, Is.EqualTo(Expected));
    }

    [Test]
    public void TryRead_InputOfManySegments_GivesTheSameFrames()
    {
        var decoder = new ExecFrameDecoder();
        var frames = new List<string>();

        Feed(decoder, Bytes.Segmented(Conversation, 3), frames);

        Assert.That(frames, Is.EqualTo(Expected));
    }

    [Test]
    public void AtFrameBoundary_InsideAFrame_IsFalse()
    {
        var frame = Frame(ExecFrameType.Stdout, 1, 2, 3);
        for (var length = 1; length < frame.Length; length++)
        {
            var decoder = new ExecFrameDecoder();
            Feed(decoder, frame[..length], []);

            Assert.That(decoder.AtFrameBoundary, Is.False, $"after {length} bytes");
        }
    }

    [Test]
    public void TryRead_StreamFrameThatIsNotWhole_HandsOnWhatIsThere()
    {
        var decoder = new ExecFrameDecoder();
        var input = new ReadOnlySequence<byte>(Frame(ExecFrameType.Stdout, 1, 2, 3)[..6]);

        Assert.That(decoder.TryRead(ref input, out var part), Is.True);
        Assert.That((part.Type, part.Data.ToArray()), Is.EqualTo((ExecFrameType.Stdout, new byte[] { 1 })));
    }

    [TestCase((byte)0)]
    [TestCase((byte)8)]
    [TestCase((byte)128)]
    [TestCase((byte)134)]
    [TestCase((byte)255)]
    public void TryRead_TypeThatIsNone_Throws(byte type)
    {
        var input = new ReadOnlySequence<byte>([type, 0, 0, 0, 0]);

        var error = Assert.Throws<RelayProtocolException>(() => new ExecFrameDecoder().TryRead(ref input, out _));

        Assert.That(error!.Message, Is.EqualTo($"There is no exec frame of type {type}."));
    }

    [TestCase(ExecFrameType.Stdout, 64 * 1024, true)]
    [TestCase(ExecFrameType.Stdout, (64 * 1024) + 1, false)]
    [TestCase(ExecFrameType.Resize, 64 * 1024, true)]
    [TestCase(ExecFrameType.Resize, (64 * 1024) + 1, false)]
    [TestCase(ExecFrameType.Start, 2 * 1024 * 1024, true)]
    [TestCase(ExecFrameType.Start, (2 * 1024 * 1024) + 1, false)]
    [TestCase(ExecFrameType.StartPart, 2 * 1024 * 1024, true)]
    [TestCase(ExecFrameType.StartPart, (2 * 1024 * 1024) + 1, false)]
    [TestCase(ExecFrameType.Exit, int.MaxValue, false)]
    [TestCase(ExecFrameType.Stdin, -1, false)]
    public void TryRead_Length_IsBounded(ExecFrameType type, int length, bool allowed)
    {
        var header = new byte[ExecFrames.HeaderLength];
        ExecFrames.WriteHeader(header, type, length);
        var input = new ReadOnlySequence<byte>(header);

        Assert.That(
            () => new ExecFrameDecoder().TryRead(ref input, out _),
            allowed ? Is.False : Throws.TypeOf<RelayProtocolException>().With.Message.Contains($"{(uint)length} bytes"));
    }

    [Test]
    public void TryRead_LargestStart_IsGatheredFromItsPieces()
    {
        var payload = new byte[ExecFrames.MaxStart];
        new Random(3).NextBytes(payload);
        var decoder = new ExecFrameDecoder();
        var header = new byte[ExecFrames.HeaderLength];
        ExecFrames.WriteHeader(header, ExecFrameType.Start, payload.Length);
        var input = Bytes.Segmented([.. header, .. payload], 65_521);

        Assert.That(decoder.TryRead(ref input, out var part), Is.True);
        Assert.That(part.Data.ToArray().AsSpan().SequenceEqual(payload), Is.True);
        Assert.That(input.IsEmpty && decoder.AtFrameBoundary, Is.True);
    }

    [Test]
    public void TryRead_AMillionEmptyStreamFrames_FindsTheOneBehindThem()
    {
        var empty = Frame(ExecFrameType.Stdin);
        var bytes = new byte[(empty.Length * 1_000_000) + empty.Length + 1];
        for (var i = 0; i < 1_000_000; i++)
        {
            empty.CopyTo(bytes, i * empty.Length);
        }

        Frame(ExecFrameType.Stdout, 42).CopyTo(bytes, empty.Length * 1_000_000);
        var input = new ReadOnlySequence<byte>(bytes);

        Assert.That(new ExecFrameDecoder().TryRead(ref input, out var part), Is.True);
        Assert.That((part.Type, part.Data.FirstSpan[0]), Is.EqualTo((ExecFrameType.Stdout, (byte)42)));
    }

    private static byte[] Frame(ExecFrameType type, params byte[] payload)
    {
        var frame = new byte[ExecFrames.HeaderLength + payload.Length];
        frame[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        payload.CopyTo(frame, ExecFrames.HeaderLength);
        return frame;
    }

    private static void Feed(ExecFrameDecoder decoder, byte[] bytes, List<string> frames) =>
        Feed(decoder, new ReadOnlySequence<byte>(bytes), frames);

    // Pieces of one stream type that follow each other are one: how they are cut is not promised.
    private static void Feed(ExecFrameDecoder decoder, ReadOnlySequence<byte> input, List<string> frames)
    {
        while (decoder.TryRead(ref input, out var part))
        {
            var text = $"{part.Type}:{Convert.ToHexString(part.Data.ToArray())}";
            if (ExecFrames.IsStream(part.Type) && frames.Count > 0 && frames[^1].StartsWith($"{part.Type}:", StringComparison.Ordinal))
            {
                frames[^1] += text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
            }
            else
            {
                frames.Add(text);
            }
        }

        Assert.That(input.IsEmpty, Is.True, "false means that all input was taken");
    }
}
