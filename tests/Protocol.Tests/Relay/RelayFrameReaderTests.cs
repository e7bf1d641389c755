using System.Buffers;
using System.IO.Pipelines;
using Google.Protobuf;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Protocol.Relay;

public class RelayFrameReaderTests
{
    // Everything on one thread: after a flush the reader has gone as far as it can.
    private static readonly PipeOptions Inline = new(
        readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false);

    // Field 15, varint 1; field 1001, one byte.
    private static readonly byte[] UnknownField = [0x78, 0x01];
    private static readonly byte[] UnknownMessage = [0xCA, 0x3E, 0x01, 0xFF];

    private static readonly byte[] Conversation =
    [
        .. RelayFrames.Init("channel-1"),
        .. RelayFrames.Data(1, 2, 3),
        .. RelayFrames.Data(),
        .. RelayFrames.Raw([]),
        .. RelayFrames.Raw(UnknownMessage),
        .. RelayFrames.Raw([0x12, 0x02, 4, 5, .. UnknownField]),
        .. RelayFrames.Raw([.. UnknownField, 0x12, 0x01, 6]),
        .. RelayFrames.Data(Enumerable.Range(0, 200).Select(i => (byte)i).ToArray()),
        // A length in more bytes than it needs.
        .. RelayFrames.Raw([0x12, 0x82, 0x80, 0x00, 7, 8]),
        .. RelayFrames.EndOfStream(),
    ];

    private static readonly string Expected =
        $"Init:channel-1 data:010203040506{Convert.ToHexString(Enumerable.Range(0, 200).Select(i => (byte)i).ToArray())}0708 EndOfStream Completed";

    [Test]
    public async Task ReadAsync_CutAtEveryPosition_GivesTheSame()
    {
        for (var cut = 0; cut <= Conversation.Length; cut++)
        {
            Assert.That(await ReadInPiecesAsync(Conversation[..cut], Conversation[cut..]), Is.EqualTo(Expected), $"cut at {cut}");
        }
    }

    [Test]
    public async Task ReadAsync_CutTwiceAtEveryPositionOfSmallFrames_GivesTheSame()
    {
        byte[] body =
            [.. RelayFrames.Init("c"), .. RelayFrames.Data(1, 2), .. RelayFrames.Raw([0x12, 0x01, 3, .. UnknownField]), .. RelayFrames.EndOfStream()];
        for (var first = 0; first <= body.Length; first++)
        {
            for (var second = first; second <= body.Length; second++)
            {
                var text = await ReadInPiecesAsync(body[..first], body[first..second], body[second..]);
                Assert.That(text, Is.EqualTo("Init:c data:010203 EndOfStream Completed"), $"cut at {first} and {second}");
            }
        }
    }

    [Test]
    public async Task ReadAsync_ByteByByte_GivesTheSame() =>
        Assert.That(await ReadInPiecesAsync([.. Conversation.Select(b => new[] { b })]), Is.EqualTo(Expected));

    [TestCase(1)]
    [TestCase(126)]
    [TestCase(127)]
    [TestCase(128)]
    [TestCase(64 * 1024)]
    [TestCase((64 * 1024) + 1)]
    [TestCase(3 * 1024 * 1024)]
    public async Task ReadAsync_GeneratedFrameOfAnyLength_GivesItsBytes(int length)
    {
        var data = Bytes.Random(length);

        Assert.That(await ReadInPiecesAsync(RelayFrames.Data(data)), Is.EqualTo($"data:{Convert.ToHexString(data)} Completed"));
    }

    [Test]
    public async Task ReadAsync_TcpForwardFrames_AreReadAlike()
    {
        byte[] body =
        [
            .. RelayFrames.Message(new TcpForwardFrame { Data = ByteString.CopyFrom(9, 8) }),
            .. RelayFrames.Message(new TcpForwardFrame { EndOfStream = new RelayEndOfStream() }),
        ];

        Assert.That(await ReadInPiecesAsync(body), Is.EqualTo("data:0908 EndOfStream Completed"));
    }

    [Test]
    public async Task ReadAsync_InitAndDataInOneMessage_TheLastOfTheOneofWins()
    {
        byte[] init = [0x0A, 0x03, 0x0A, 0x01, (byte)'c'];
        byte[] data = [0x12, 0x01, 5];

        Assert.That(await ReadInPiecesAsync(RelayFrames.Raw([.. init, .. data])), Is.EqualTo("data:05 Completed"));
        Assert.That(await ReadInPiecesAsync(RelayFrames.Raw([.. data, .. init])), Is.EqualTo("Init:c Completed"));
    }

    [Test]
    public async Task ReadAsync_EmptyBody_IsCompleted() =>
        Assert.That(await ReadInPiecesAsync([]), Is.EqualTo("Completed"));

    [Test]
    public async Task ReadAsync_PartOfALargeFrame_IsHandedOutAtOnce()
    {
        var pipe = new Pipe(Inline);
        var reader = new RelayFrameReader(pipe.Reader);
        await pipe.Writer.WriteAsync(RelayFrames.Data(Bytes.Random(60_000)).AsMemory(0, 100));

        var read = await Eventually.EndsAsync(reader.ReadAsync(CancellationToken.None).AsTask(), "the first part of the frame");

        Assert.That((read.Kind, read.Data.Length), Is.EqualTo((RelayReadKind.Data, 100L - 5 - 4)));
    }

    [Test]
    public void ReadAsync_EveryTruncation_IsAnError()
    {
        byte[] body = [.. RelayFrames.Data(1, 2, 3), .. RelayFrames.EndOfStream()];
        var whole = new[] { 0, RelayFrames.Data(1, 2, 3).Length, body.Length };
        for (var length = 0; length <= body.Length; length++)
        {
            Assert.That(
                async () => await ReadInPiecesAsync(body[..length]),
                whole.Contains(length)
                    ? Does.EndWith("Completed")
                    : Throws.TypeOf<RelayProtocolException>().With.Message.Contains("in the middle of a frame"),
                $"{length} bytes");
        }
    }

    [Test]
    public void ReadAsync_CompressedFlag_IsAnError() => AssertRefused(
        RelayFrames.Raw([0x12, 0x01, 5], compressed: 1), "Compressed relay frames are not supported.");

    [Test]
    public void ReadAsync_OversizedLength_IsAnErrorBeforeTheBytesCome() => AssertRefused(
        [0, 0x00, 0x40, 0x00, 0x01], $"A relay frame of {RelayWire.MaxMessage + 1} bytes is larger than {RelayWire.MaxMessage}.");

    [Test]
    public void ReadAsync_HugeLength_IsAnError() => AssertRefused(
        [0, 0xFF, 0xFF, 0xFF, 0xFF], $"A relay frame of {uint.MaxValue} bytes is larger than {RelayWire.MaxMessage}.");

    [TestCase(new byte[] { 0x12 })]
    [TestCase(new byte[] { 0x12, 0x05, 1 })]
    [TestCase(new byte[] { 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [TestCase(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [TestCase(new byte[] { 0x00 })]
    public void ReadAsync_MessageThatIsNoFrame_IsAnError(byte[] message) =>
        AssertRefused(RelayFrames.Raw(message), "A relay frame cannot be parsed.");

    [Test]
    public async Task ReadAsync_WithoutAdvance_Throws()
    {
        var pipe = new Pipe(Inline);
        var reader = new RelayFrameReader(pipe.Reader);
        await pipe.Writer.WriteAsync(RelayFrames.Data(1));
        await reader.ReadAsync(CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.ReadAsync(CancellationToken.None));
    }

    [Test]
    public async Task ReadAsync_Cancelled_CanReadOn()
    {
        var pipe = new Pipe(Inline);
        var reader = new RelayFrameReader(pipe.Reader);
        using var cancel = new CancellationTokenSource();
        await pipe.Writer.WriteAsync(RelayFrames.Data(1, 2).AsMemory(0, 3));
        var reading = reader.ReadAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThatAsync(() => reading, Throws.InstanceOf<OperationCanceledException>());

        await pipe.Writer.WriteAsync(RelayFrames.Data(1, 2).AsMemory(3));

        var read = await Eventually.EndsAsync(reader.ReadAsync(CancellationToken.None).AsTask(), "data after a cancelled read");
        Assert.That(read.Data.ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
    }

    [Test]
    public async Task MoreBuffered_DataBehindIt_IsTrue() =>
        Assert.That(await IsMoreBufferedAsync([.. RelayFrames.Data(1), .. RelayFrames.Data(2)]), Is.True);

    [Test]
    public async Task MoreBuffered_NothingBehindIt_IsFalse() =>
        Assert.That(await IsMoreBufferedAsync(RelayFrames.Data(1)), Is.False);

    // Whoever trusts it holds its flush back until the next piece: it must be one that does not have to be waited for.
    private static readonly TestCaseData[] NothingToHandOut =
    [
        new TestCaseData(RelayFrames.Data()).SetArgDisplayNames("empty data"),
        new TestCaseData(RelayFrames.Raw([])).SetArgDisplayNames("empty message"),
        new TestCaseData(RelayFrames.Raw(UnknownMessage)).SetArgDisplayNames("unknown message"),
        new TestCaseData(RelayFrames.Data(2)[..3]).SetArgDisplayNames("part of a prefix"),
        new TestCaseData(RelayFrames.Data(2)[..5]).SetArgDisplayNames("prefix"),
        new TestCaseData(RelayFrames.Data(2)[..6]).SetArgDisplayNames("prefix and tag"),
        new TestCaseData(RelayFrames.Data(2)[..7]).SetArgDisplayNames("everything but the data"),
        new TestCaseData(RelayFrames.Raw([0x12, 0x02, 4, 5, .. UnknownField])[..9]).SetArgDisplayNames("part of data with an unknown field"),
    ];

    [TestCaseSource(nameof(NothingToHandOut))]
    public async Task MoreBuffered_OnlyBytesThatAreNoDataYet_IsFalse(byte[] behind) =>
        Assert.That(await IsMoreBufferedAsync([.. RelayFrames.Data(1), .. behind]), Is.False);

    [Test]
    public async Task MoreBuffered_BadFrameBehindIt_DoesNotThrow() =>
        Assert.That(await IsMoreBufferedAsync([.. RelayFrames.Data(1), .. RelayFrames.Raw([0x12, 0x01, 5], compressed: 1)]), Is.False);

    private static async Task<bool> IsMoreBufferedAsync(byte[] body)
    {
        var pipe = new Pipe(Inline);
        await pipe.Writer.WriteAsync(body);
        var read = await new RelayFrameReader(pipe.Reader).ReadAsync(CancellationToken.None);
        Assert.That(read.Data.ToArray(), Is.EqualTo(new byte[] { 1 }));
        return read.MoreBuffered;
    }

    private static void AssertRefused(byte[] body, string message)
    {
        var pipe = new Pipe(Inline);
        pipe.Writer.Write(body);
        // Not completed: the reader must not wait for more.
        var flushed = pipe.Writer.FlushAsync();
        Assert.That(flushed.IsCompleted, Is.True);

        Assert.That(
            async () => await Eventually.EndsAsync(new RelayFrameReader(pipe.Reader).ReadAsync(CancellationToken.None).AsTask(), "the refusal"),
            Throws.TypeOf<RelayProtocolException>().With.Message.EqualTo(message));
    }

    private static async Task<string> ReadInPiecesAsync(params byte[][] pieces)
    {
        var pipe = new Pipe(Inline);
        var reading = RelayFrames.ReadAllAsync(new RelayFrameReader(pipe.Reader));
        foreach (var piece in pieces)
        {
            await pipe.Writer.WriteAsync(piece);
        }

        await pipe.Writer.CompleteAsync();
        return await Eventually.EndsAsync(reading, "the end of the body");
    }
}
