using System.Buffers;
using System.IO.Pipelines;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Protocol.Relay;

public class RelayConnectionTests
{
    private Pipe _fromPeer = null!;
    private Pipe _toPeer = null!;

    [SetUp]
    public void SetUp() => (_fromPeer, _toPeer) = (new Pipe(), new Pipe());

    [Test]
    public async Task ReadAsync_DataThenEndOfStream_StaysAtTheEnd()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true));
        await PeerSendsAsync([.. RelayFrames.Data(1, 2), .. RelayFrames.EndOfStream()]);

        Assert.That(await ReadDataAsync(relay), Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That((await relay.ReadAsync(CancellationToken.None)).Kind, Is.EqualTo(RelayReadKind.EndOfStream));
        Assert.That((await relay.ReadAsync(CancellationToken.None)).Kind, Is.EqualTo(RelayReadKind.EndOfStream));
    }

    [Test]
    public async Task ReadAsync_StreamEndsWell_IsEndOfStream()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true));
        await _fromPeer.Writer.CompleteAsync();

        Assert.That((await relay.ReadAsync(CancellationToken.None)).Kind, Is.EqualTo(RelayReadKind.EndOfStream));
    }

    [Test]
    public async Task ReadAsync_StreamEndsWithAStatus_ThrowsItEveryTime()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true)
        {
            Failure = new RelayRefusedException(Grpc.Core.StatusCode.Unavailable, "the sandbox was stopped"),
        });
        await _fromPeer.Writer.CompleteAsync();

        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<RelayRefusedException>(async () => await relay.ReadAsync(CancellationToken.None));
            Assert.That(error!.Message, Is.EqualTo("Unavailable: the sandbox was stopped"));
        }
    }

    [Test]
    public async Task ReadAsync_SecondInit_ThrowsProtocolError()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true));
        await PeerSendsAsync(RelayFrames.Init("c"));

        await Assert.ThrowsAsync<RelayProtocolException>(async () => await relay.ReadAsync(CancellationToken.None));
    }

    [TestCase(typeof(OperationCanceledException))]
    [TestCase(typeof(HttpRequestException))]
    [TestCase(typeof(InvalidOperationException))]
    [TestCase(typeof(ObjectDisposedException))]
    [TestCase(typeof(IOException))]
    public async Task ReadAsync_TransportBreaksInAnyWay_ThrowsIOException(Type type)
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true));
        await _fromPeer.Writer.CompleteAsync(Create(type));

        await Assert.ThrowsAsync<IOException>(async () => await relay.ReadAsync(CancellationToken.None));
    }

    [Test]
    public void ReadAsync_CallerCancels_ThrowsCancellation()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true));

        Assert.That(
            async () => await relay.ReadAsync(new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task CompleteWritesAsync_PeerKnowsEndOfStream_SendsTheFrameAndKeepsTheStream()
    {
        var transport = new FakeTransport(peerEndsStream: true);
        var relay = Connect(transport);

        await relay.CompleteWritesAsync(CancellationToken.None);
        await relay.CompleteWritesAsync(CancellationToken.None);
        await PeerSendsAsync(RelayFrames.Data(7));

        Assert.That(await SentAsync(), Is.EqualTo(new[] { RelayFrame.PayloadOneofCase.EndOfStream }));
        Assert.That(transport.Calls, Is.Empty);
        Assert.That(await ReadDataAsync(relay), Is.EqualTo(new byte[] { 7 }));
    }

    [Test]
    public async Task CompleteWritesAsync_PeerKnowsNoEndOfStream_EndsTheDirectionThePlainWay()
    {
        var transport = new FakeTransport(peerEndsStream: true);
        var relay = Connect(transport, peerKnowsEndOfStream: false);

        await relay.CompleteWritesAsync(CancellationToken.None);
        await relay.CompleteWritesAsync(CancellationToken.None);

        Assert.That(_toPeer.Reader.TryRead(out _), Is.False);
        Assert.That(transport.Calls, Is.EqualTo(new[] { "complete" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task WriteAsync_AfterCompleteWrites_Throws(bool peerKnowsEndOfStream)
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true), peerKnowsEndOfStream);
        await relay.CompleteWritesAsync(CancellationToken.None);

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await WriteAsync(relay, 1));
    }

    [Test]
    public async Task WriteAsync_StreamIsOver_ThrowsIOException()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: false));
        await _toPeer.Writer.CompleteAsync();

        await Assert.ThrowsAsync<IOException>(async () => await WriteAsync(relay, 1));
    }

    [Test]
    public async Task CompleteWritesAsync_StreamIsOver_ThrowsIOException()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: false));
        await _toPeer.Writer.CompleteAsync();

        await Assert.ThrowsAsync<IOException>(async () => await relay.CompleteWritesAsync(CancellationToken.None));
    }

    [TestCase(typeof(OperationCanceledException))]
    [TestCase(typeof(HttpRequestException))]
    [TestCase(typeof(ObjectDisposedException))]
    public async Task CompleteWritesAsync_PlainEndBreaks_ThrowsIOException(Type type)
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true) { CompleteFailure = Create(type) }, peerKnowsEndOfStream: false);

        await Assert.ThrowsAsync<IOException>(async () => await relay.CompleteWritesAsync(CancellationToken.None));
    }

    [Test]
    public async Task WriteAsync_PeerReadsNoMore_ThrowsIOException()
    {
        var relay = Connect(new FakeTransport(peerEndsStream: true));
        await _toPeer.Reader.CompleteAsync();

        await Assert.ThrowsAsync<IOException>(async () => await WriteAsync(relay, 1));
    }

    [Test]
    public void Abort_AnyTime_ResetsTheStream()
    {
        var transport = new FakeTransport(peerEndsStream: true);

        Connect(transport).Abort();

        Assert.That(transport.Calls, Is.EqualTo(new[] { "abort" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task DisposeAsync_WritesNotCompleted_Resets(bool peerEndsStream)
    {
        var transport = new FakeTransport(peerEndsStream);

        await Connect(transport).DisposeAsync();

        Assert.That(transport.Calls, Is.EqualTo(new[] { "close reset" }));
    }

    [Test]
    public async Task DisposeAsync_ServerHasCompletedWrites_ClosesAtOnce()
    {
        var transport = new FakeTransport(peerEndsStream: false);
        var relay = Connect(transport);
        await relay.CompleteWritesAsync(CancellationToken.None);

        await relay.DisposeAsync();

        Assert.That(transport.Calls, Is.EqualTo(new[] { "close clean" }));
    }

    [Test]
    public async Task DisposeAsync_ClientHasCompletedWrites_WaitsForThePeersEnd()
    {
        var transport = new FakeTransport(peerEndsStream: true);
        var relay = Connect(transport);
        await relay.CompleteWritesAsync(CancellationToken.None);

        var disposing = relay.DisposeAsync().AsTask();
        await PeerSendsAsync([.. RelayFrames.Data(Bytes.Random(30_000)), .. RelayFrames.EndOfStream()]);
        Assert.That(transport.Calls, Is.EqualTo(new[] { "complete" }));
        await _fromPeer.Writer.CompleteAsync();

        await Eventually.EndsAsync(disposing, "dispose after the peer's end");
        Assert.That(transport.Calls, Is.EqualTo(new[] { "complete", "close clean" }));
    }

    [Test]
    public async Task DisposeAsync_PieceNotGivenBack_StillClosesClean()
    {
        var transport = new FakeTransport(peerEndsStream: true);
        var relay = Connect(transport);
        await PeerSendsAsync([.. RelayFrames.Data(1), .. RelayFrames.Data(2)]);
        await relay.ReadAsync(CancellationToken.None);
        await relay.CompleteWritesAsync(CancellationToken.None);
        await _fromPeer.Writer.CompleteAsync();

        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "dispose while holding a piece");

        Assert.That(transport.Calls, Is.EqualTo(new[] { "complete", "close clean" }));
    }

    [Test]
    public async Task DisposeAsync_PeerBreaksWhileWaiting_Resets()
    {
        var transport = new FakeTransport(peerEndsStream: true);
        var relay = Connect(transport);
        await relay.CompleteWritesAsync(CancellationToken.None);
        await _fromPeer.Writer.CompleteAsync(new HttpRequestException("reset"));

        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "dispose of a broken relay");

        Assert.That(transport.Calls, Is.EqualTo(new[] { "complete", "close reset" }));
    }

    [TestCase(typeof(IOException))]
    [TestCase(typeof(OperationCanceledException))]
    [TestCase(typeof(ObjectDisposedException))]
    public async Task DisposeAsync_StreamIsBroken_ResetsAndDoesNotThrow(Type type)
    {
        var transport = new FakeTransport(peerEndsStream: true) { CompleteFailure = Create(type) };
        var relay = Connect(transport);
        await relay.CompleteWritesAsync(CancellationToken.None);

        await Eventually.EndsAsync(relay.DisposeAsync().AsTask(), "dispose of a broken relay");

        Assert.That(transport.Calls, Is.EqualTo(new[] { "complete", "close reset" }));
    }

    private static Exception Create(Type type) => (Exception)(type == typeof(ObjectDisposedException)
        ? new ObjectDisposedException("stream")
        : Activator.CreateInstance(type, "broken")!);

    private RelayConnection Connect(FakeTransport transport, bool peerKnowsEndOfStream = true) =>
        new(new RelayFrameReader(_fromPeer.Reader), new RelayFrameWriter(_toPeer.Writer), transport, peerKnowsEndOfStream);

    private async Task PeerSendsAsync(byte[] frames) => await _fromPeer.Writer.WriteAsync(frames);

    private static async Task<byte[]> ReadDataAsync(RelayConnection relay)
    {
        var read = await relay.ReadAsync(CancellationToken.None);
        Assert.That(read.Kind, Is.EqualTo(RelayReadKind.Data));
        var data = read.Data.ToArray();
        relay.Advance();
        return data;
    }

    private static ValueTask WriteAsync(RelayConnection relay, params byte[] data) =>
        relay.WriteAsync(new ReadOnlySequence<byte>(data), flush: true, CancellationToken.None);

    private async Task<RelayFrame.PayloadOneofCase[]> SentAsync()
    {
        var read = await _toPeer.Reader.ReadAsync();
        return [.. RelayFrames.Parse(read.Buffer.ToArray(), RelayFrame.Parser).Select(f => f.PayloadCase)];
    }
}
