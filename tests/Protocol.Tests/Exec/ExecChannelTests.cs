using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Protocol.Exec;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ExecChannelTests : IDisposable
{
    private readonly ExecChannel _near;
    private readonly ExecChannel _far;
    private readonly RelayConnection _nearRelay;

    public ExecChannelTests()
    {
        var (toFar, toNear) = (new Pipe(), new Pipe());
        _nearRelay = Connect(toNear.Reader, toFar.Writer);
        _near = new ExecChannel(_nearRelay);
        _far = new ExecChannel(Connect(toFar.Reader, toNear.Writer));
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    [Test]
    public async Task WriteAsync_Message_ArrivesWhole()
    {
        var start = new ExecStart { Argv = { "echo", new string('x', 500_000) } };
        var writing = WriteAndEndAsync();

        var part = await ReadAsync();

        Assert.That(part.Type, Is.EqualTo(ExecFrameType.Start));
        Assert.That(ExecStart.Parser.ParseFrom(part.Data), Is.EqualTo(start));
        Assert.That((await ReadAsync()).Type, Is.EqualTo(ExecFrameType.None));
        await Eventually.EndsAsync(writing, "the write");

        async Task WriteAndEndAsync()
        {
            await _near.WriteAsync(ExecFrameType.Start, start, CancellationToken.None);
            await _nearRelay.CompleteWritesAsync(CancellationToken.None);
        }
    }

    [TestCase(1)]
    [TestCase(64 * 1024)]
    [TestCase(300_000)]
    public async Task WriteAsync_StreamBytes_ArriveInOrder(int length)
    {
        var data = new byte[length];
        new Random(5).NextBytes(data);
        var writing = WriteAndEndAsync();

        var received = new List<byte>();
        while (await ReadAsync() is { Type: not ExecFrameType.None } part)
        {
            Assert.That(part.Type, Is.EqualTo(ExecFrameType.Stdin));
            received.AddRange(part.Data.ToArray());
        }

        Assert.That(received.SequenceEqual(data), Is.True);
        await Eventually.EndsAsync(writing, "the write");

        async Task WriteAndEndAsync()
        {
            await _near.WriteAsync(ExecFrameType.Stdin, data, CancellationToken.None);
            await _nearRelay.CompleteWritesAsync(CancellationToken.None);
        }
    }

    [Test]
    public async Task WriteAsync_EmptyFrame_Arrives()
    {
        await _near.WriteAsync(ExecFrameType.StdinEnd, ReadOnlyMemory<byte>.Empty, CancellationToken.None);

        Assert.That((await ReadAsync()).Type, Is.EqualTo(ExecFrameType.StdinEnd));
    }

    [Test]
    public async Task WriteAsync_ConcurrentWriters_KeepFramesWhole()
    {
        const int Writers = 8;
        const int FramesEach = 200;
        var writing = WriteAllAsync();

        var seen = new int[Writers];
        while (await ReadAsync() is { Type: not ExecFrameType.None } part)
        {
            Assert.That(part.Type, Is.EqualTo(ExecFrameType.Resize));
            var size = ExecResize.Parser.ParseFrom(part.Data);
            Assert.That(size.Rows, Is.EqualTo((uint)seen[size.Cols]++), "each writer's frames stay in order");
        }

        Assert.That(seen, Is.All.EqualTo(FramesEach));
        await Eventually.EndsAsync(writing, "the writes");

        async Task WriteAllAsync()
        {
            await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; i < FramesEach; i++)
                {
                    var resize = new ExecResize { Cols = (uint)writer, Rows = (uint)i };
                    await _near.WriteAsync(ExecFrameType.Resize, resize, CancellationToken.None);
                }
            })));
            await _nearRelay.CompleteWritesAsync(CancellationToken.None);
        }
    }

    [Test]
    public async Task ReadAsync_PeerEndsBetweenFrames_IsNone()
    {
        await _near.WriteAsync(ExecFrameType.Stdin, "in"u8.ToArray(), CancellationToken.None);
        await _nearRelay.CompleteWritesAsync(CancellationToken.None);

        Assert.That(Encoding.UTF8.GetString((await ReadAsync()).Data), Is.EqualTo("in"));
        Assert.That((await ReadAsync()).Type, Is.EqualTo(ExecFrameType.None));
        Assert.That((await ReadAsync()).Type, Is.EqualTo(ExecFrameType.None));
    }

    [Test]
    public async Task ReadAsync_PeerEndsInsideAFrame_Throws()
    {
        var header = new byte[ExecFrames.HeaderLength];
        ExecFrames.WriteHeader(header, ExecFrameType.Exit, 10);
        await _nearRelay.WriteAsync(new ReadOnlySequence<byte>(header), flush: true, CancellationToken.None);
        await _nearRelay.CompleteWritesAsync(CancellationToken.None);

        await Assert.ThrowsAsync<RelayProtocolException>(ReadAsync);
    }

    [Test]
    public async Task ReadAsync_SeveralFramesInOnePiece_GivesEach()
    {
        await _near.WriteAsync(ExecFrameType.Stdout, "a"u8.ToArray(), CancellationToken.None);
        await _near.WriteAsync(ExecFrameType.Stderr, "b"u8.ToArray(), CancellationToken.None);
        await _near.WriteAsync(ExecFrameType.Exit, new ExecExit { Code = 3 }, CancellationToken.None);

        var first = await ReadAsync();
        Assert.That((first.Type, Encoding.UTF8.GetString(first.Data)), Is.EqualTo((ExecFrameType.Stdout, "a")));
        var second = await ReadAsync();
        Assert.That((second.Type, Encoding.UTF8.GetString(second.Data)), Is.EqualTo((ExecFrameType.Stderr, "b")));
        Assert.That(ExecExit.Parser.ParseFrom((await ReadAsync()).Data).Code, Is.EqualTo(3));
    }

    [Test]
    public async Task WriteAsync_CancelledWhileThePeerDoesNotRead_LeavesTheStreamAtAFrameBoundary()
    {
        using var cancel = new CancellationTokenSource();
        var stuck = _near.WriteAsync(ExecFrameType.Stdin, new byte[200_000], cancel.Token).AsTask();
        Assert.That(stuck.IsCompleted, Is.False);
        await cancel.CancelAsync();
        await Assert.ThatAsync(() => stuck, Throws.InstanceOf<OperationCanceledException>());

        var writing = EndAsync();
        ExecFrameType last = default;
        while (await ReadAsync() is { Type: not ExecFrameType.None } part)
        {
            last = part.Type;
        }

        Assert.That(last, Is.EqualTo(ExecFrameType.StdinEnd));
        await Eventually.EndsAsync(writing, "the end of stdin");

        async Task EndAsync()
        {
            await _near.WriteAsync(ExecFrameType.StdinEnd, ReadOnlyMemory<byte>.Empty, CancellationToken.None);
            await _nearRelay.CompleteWritesAsync(CancellationToken.None);
        }
    }

    private Task<ExecFramePart> ReadAsync() =>
        Eventually.EndsAsync(_far.ReadAsync(CancellationToken.None).AsTask(), "the next exec frame");

    private static RelayConnection Connect(PipeReader input, PipeWriter output) => new(
        new RelayFrameReader(input), new RelayFrameWriter(output), new FakeTransport(peerEndsStream: false), peerKnowsEndOfStream: true);
}
