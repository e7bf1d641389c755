using System.Buffers;
using System.IO.Pipelines;
using OpenShell.Protocol.V1;

namespace OpenShell.Protocol.Relay;

public class RelayFrameWriterTests
{
    [Test]
    public async Task Write_Conversation_IsParsedByTheGeneratedCode()
    {
        var body = await WriteAsync(w =>
        {
            w.WriteInit("channel-1");
            w.Write(default, new ReadOnlySequence<byte>([1, 2, 3]));
            w.WriteEndOfStream();
        });

        var frames = RelayFrames.Parse(body, RelayFrame.Parser);
        Assert.That(frames.Select(f => f.PayloadCase), Is.EqualTo(new[]
        {
            RelayFrame.PayloadOneofCase.Init, RelayFrame.PayloadOneofCase.Data, RelayFrame.PayloadOneofCase.EndOfStream,
        }));
        Assert.That(frames[0].Init.ChannelId, Is.EqualTo("channel-1"));
        Assert.That(frames[1].Data.ToByteArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Write_DataAndEndOfStream_AreTcpForwardFramesToo()
    {
        var body = await WriteAsync(w =>
        {
            w.Write(default, new ReadOnlySequence<byte>([1]));
            w.WriteEndOfStream();
        });

        Assert.That(RelayFrames.Parse(body, TcpForwardFrame.Parser).Select(f => f.PayloadCase), Is.EqualTo(new[]
        {
            TcpForwardFrame.PayloadOneofCase.Data, TcpForwardFrame.PayloadOneofCase.EndOfStream,
        }));
    }

    [TestCase(0, 1, new[] { 1 })]
    [TestCase(0, 127, new[] { 127 })]
    [TestCase(0, 128, new[] { 128 })]
    [TestCase(0, 16384, new[] { 16384 })]
    [TestCase(0, 65527, new[] { 65527 })]
    [TestCase(0, 65528, new[] { 65527, 1 })]
    [TestCase(0, 200000, new[] { 65527, 65527, 65527, 3419 })]
    [TestCase(5, 0, new[] { 5 })]
    [TestCase(5, 65522, new[] { 65527 })]
    [TestCase(5, 65523, new[] { 65527, 1 })]
    [TestCase(5, 200000, new[] { 65527, 65527, 65527, 3424 })]
    [TestCase(0, 0, new int[0])]
    public async Task Write_AnyLength_IsCutIntoFramesThatFillDataFrames(int prefixLength, int length, int[] expected)
    {
        var prefix = Bytes.Random(prefixLength, seed: 2);
        var data = Bytes.Random(length);

        var frames = RelayFrames.Parse(await WriteAsync(w => w.Write(prefix, new ReadOnlySequence<byte>(data))), RelayFrame.Parser);

        Assert.That(frames.Select(f => f.Data.Length), Is.EqualTo(expected));
        Assert.That(frames.SelectMany(f => f.Data), Is.EqualTo(prefix.Concat(data)));
    }

    [Test]
    public async Task Write_DataOfManySegments_KeepsItsOrder()
    {
        var data = Bytes.Random(150_000);

        var frames = RelayFrames.Parse(await WriteAsync(w => w.Write(default, Bytes.Segmented(data, 4097))), RelayFrame.Parser);

        Assert.That(frames.SelectMany(f => f.Data), Is.EqualTo(data));
    }

    [Test]
    public async Task Write_WhatItWrote_OurReaderReads()
    {
        var data = Bytes.Random(70_000);
        var body = await WriteAsync(w =>
        {
            w.WriteInit("c");
            w.Write([9], new ReadOnlySequence<byte>(data));
            w.WriteEndOfStream();
        });

        var text = await RelayFrames.ReadAllAsync(new RelayFrameReader(PipeReader.Create(new ReadOnlySequence<byte>(body))));

        Assert.That(text, Is.EqualTo($"Init:c data:09{Convert.ToHexString(data)} EndOfStream Completed"));
    }

    [Test]
    public async Task Write_WithoutFlush_SendsNothing()
    {
        var pipe = new Pipe();
        var writer = new RelayFrameWriter(pipe.Writer);

        writer.Write(default, new ReadOnlySequence<byte>([1]));
        Assert.That(pipe.Reader.TryRead(out _), Is.False);

        await writer.FlushAsync(CancellationToken.None);
        Assert.That(pipe.Reader.TryRead(out _), Is.True);
    }

    [Test]
    public async Task FlushAsync_ReaderHasGone_ThrowsIOException()
    {
        var pipe = new Pipe();
        var writer = new RelayFrameWriter(pipe.Writer);
        await pipe.Reader.CompleteAsync();
        writer.Write(default, new ReadOnlySequence<byte>([1]));

        await Assert.ThrowsAsync<IOException>(async () => await writer.FlushAsync(CancellationToken.None));
    }

    private static async Task<byte[]> WriteAsync(Action<RelayFrameWriter> write)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var writer = new RelayFrameWriter(pipe.Writer);
        write(writer);
        await writer.FlushAsync(CancellationToken.None);
        await pipe.Writer.CompleteAsync();
        var read = await pipe.Reader.ReadAtLeastAsync(int.MaxValue);
        return read.Buffer.ToArray();
    }
}
