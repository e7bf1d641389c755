using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

/// <summary>
/// A supervisor that ends its relay in other ways than ours does: by a reset, as clients in C do once they have the
/// trailers, or by a word over its session.
/// </summary>
internal sealed class RelayResetTests
{
    private const int Stream = 1;
    private const byte EndStream = 0x1;
    private static readonly byte[] NoError = [0, 0, 0, 0];
    private static readonly byte[] Cancel = [0, 0, 0, 8];

    private readonly byte[] _data = new byte[100_000];
    private readonly RelayOptions _options = new();
    private ManualTimeProvider _time = null!;
    private RelayEndpointHost _host = null!;
    private RawHttp2 _supervisor = null!;
    private PendingRelay _pending = null!;
    private RelayConnection _caller = null!;

    [SetUp]
    public async Task SetUpAsync()
    {
        new Random(1).NextBytes(_data);
        _time = new ManualTimeProvider();
        _host = await RelayEndpointHost.StartAsync(_options, _time);
        _supervisor = await _host.ConnectRawAsync();
        await ClaimAsync(userAgent: null);
    }

    [TearDown]
    public async Task TearDownAsync()
    {
        await _caller.DisposeAsync();
        await Eventually.BecomesTrueAsync(() => _host is { Running: 0, Table.ActiveCount: 0 }, "nothing is left");
        await _supervisor.DisposeAsync();
        await _host.DisposeAsync();
        Assert.That(_host.Defect, Is.Null, "the endpoint threw");
    }

    // Everything in one write, and nobody reads before the server has seen the reset.
    [Test]
    public async Task Reset_AfterTheEndOfItsRequest_IsAnEndInOrderAndLosesNothing()
    {
        await _supervisor.SendAsync((byte[])[.. DataFrames(ends: true), .. Reset(Cancel)]);
        await FenceAsync(3);

        Assert.That(await ReadToEndAsync(), Is.EqualTo(_data));
        await _caller.CompleteWritesAsync(CancellationToken.None);
    }

    [Test]
    public async Task Reset_AfterItsTrailers_IsAnEndInOrderAndLosesNothing([Values] bool cancels)
    {
        await _caller.CompleteWritesAsync(CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => _supervisor.HasEnded(Stream), "the trailers come");

        await _supervisor.SendAsync((byte[])[.. DataFrames(ends: false), .. Reset(cancels ? Cancel : NoError)]);
        await FenceAsync(3);

        Assert.That(await ReadToEndAsync(), Is.EqualTo(_data));
    }

    // The answer ends the calls of gRPC libraries: they stop sending.
    [Test]
    public async Task Answer_PeerOfAGrpcLibrary_EndsWhenNothingHasComeForAWhile()
    {
        await UseGrpcLibraryAsync();
        await _caller.CompleteWritesAsync(CancellationToken.None);
        await _supervisor.SendAsync(DataFrames(ends: false));
        var reading = ReadToEndAsync();

        await PassUntilAsync(() => _supervisor.HasEnded(Stream), "the answer ends");
        await _supervisor.SendAsync(Reset(NoError));

        Assert.That(await reading, Is.EqualTo(_data));
    }

    [Test]
    public async Task Answer_CallerIsSlowToTakeWhatAGrpcLibrarySent_IsNotItsSilence()
    {
        await UseGrpcLibraryAsync();
        await _supervisor.SendAsync(DataFrames(ends: false));
        await FenceAsync(3);
        await _caller.CompleteWritesAsync(CancellationToken.None);

        for (var fence = 5; fence < 15; fence += 2)
        {
            _time.Advance(_options.SilenceBeforeEnd);
            await FenceAsync(fence);
            Assert.That(_supervisor.HasEnded(Stream), Is.False);
        }

        await _supervisor.SendAsync(RawHttp2.Encode(RawFrame.Data, EndStream, Stream, []));
        Assert.That(await ReadToEndAsync(), Is.EqualTo(_data));
    }

    [Test]
    public async Task Answer_EndsTheCallOfAGrpcLibraryThatJustSpeaks_IsNoGoodEnd()
    {
        await UseGrpcLibraryAsync();
        await _caller.CompleteWritesAsync(CancellationToken.None);
        var read = new List<byte>();
        var reading = ReadToEndAsync(read);
        await PassUntilAsync(() => _supervisor.HasEnded(Stream), "the answer ends");

        await _supervisor.SendAsync((byte[])[.. DataFrames(ends: false), .. Reset(Cancel)]);

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<IOException>());
        Assert.That(read, Is.EqualTo(_data));
    }

    [Test]
    public async Task Answer_Ended_SupervisorMaySendOn()
    {
        await _caller.CompleteWritesAsync(CancellationToken.None);
        await Eventually.BecomesTrueAsync(() => _supervisor.HasEnded(Stream), "the trailers come");

        await _supervisor.SendAsync(DataFrames(ends: true));

        Assert.That(await ReadToEndAsync(), Is.EqualTo(_data));
    }

    [Test]
    public async Task Reset_BeforeTheEnd_WhatCameIsReadAndThenItFails()
    {
        await _supervisor.SendAsync((byte[])[.. DataFrames(ends: false), .. Reset(Cancel)]);
        await FenceAsync(3);

        var read = new List<byte>();
        await Assert.ThatAsync(() => ReadToEndAsync(read), Throws.InstanceOf<IOException>().With.Message.EqualTo("The relay was aborted."));
        Assert.That(read, Is.EqualTo(_data));
        await Assert.ThatAsync(
            () => _caller.WriteAsync(new ReadOnlySequence<byte>(_data), flush: true, CancellationToken.None).AsTask(), Throws.InstanceOf<IOException>());
    }

    // Two calls of one connection, of which one is nothing that the relay hears.
    [Test]
    public async Task Reset_OfAnotherStream_IsTheServers()
    {
        await _supervisor.CallAsync(3, RelayWire.RelayStreamPath);
        await _supervisor.SendAsync(RawHttp2.Encode(RawFrame.ResetStream, 0, 3, Cancel));

        await _supervisor.SendAsync((byte[])[.. DataFrames(ends: true), .. Reset(Cancel)]);
        await FenceAsync(5);

        Assert.That(await ReadToEndAsync(), Is.EqualTo(_data));
        await Eventually.BecomesTrueAsync(() => _host.Running == 1, "the other call is over");
    }

    [Test]
    public async Task Reset_WhileTheCallerWaitsForBytes_TellsIt()
    {
        var reading = ReadToEndAsync();

        await _supervisor.SendAsync(Reset(Cancel));

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<IOException>());
        Assert.That(_caller.Broken.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task RelayClose_AheadOfTheData_LosesNone([Values("", "target is gone")] string reason)
    {
        Close(reason);

        await _supervisor.SendAsync(DataFrames(ends: true));

        Assert.That(await ReadToEndAsync(), Is.EqualTo(_data));
    }

    [Test]
    public async Task RelayClose_CallerReadsLate_LosesNone([Values("", "target is gone")] string reason)
    {
        Close(reason);
        _time.Advance(_options.CloseTimeout * 3);

        var reading = ReadToEndAsync();
        await _supervisor.SendAsync(DataFrames(ends: true));

        Assert.That(await reading, Is.EqualTo(_data));
    }

    [Test]
    public async Task RelayClose_TransferTakesLongerThanTheBound_LosesNone()
    {
        var reading = ReadToEndAsync();
        Close("");
        byte[] sent = [];
        for (byte piece = 1; piece < 6; piece++)
        {
            _time.Advance(_options.CloseTimeout * 0.9);
            await _supervisor.DataAsync(Stream, Message(new RelayFrame { Data = ByteString.CopyFrom(piece) }));
            sent = [.. sent, piece];
            await Eventually.BecomesTrueAsync(() => _caller.BytesRead == sent.Length, "the piece is read");
        }

        await _supervisor.DataAsync(Stream, [], ends: true);

        Assert.That(await reading, Is.EqualTo(sent));
    }

    [Test]
    public async Task RelayClose_SilenceFromThenOn_EndsInOrderAfterABoundedTime()
    {
        await _supervisor.SendAsync(DataFrames(ends: false));
        var reading = ReadToEndAsync();
        await Eventually.BecomesTrueAsync(() => _caller.BytesRead == _data.Length, "all is read");
        Close("");

        await PassUntilAsync(() => reading.IsCompleted, "the relay ends");

        Assert.That(await reading, Is.EqualTo(_data));
    }

    [Test]
    public async Task RelayClose_BytesAfterItAndNoEnd_Fails()
    {
        Close("");
        await _supervisor.SendAsync(DataFrames(ends: false));
        var read = new List<byte>();
        var reading = ReadToEndAsync(read);

        await PassUntilAsync(() => reading.IsCompleted, "the relay ends");

        await Assert.ThatAsync(
            () => reading, Throws.InstanceOf<IOException>().With.Message.EqualTo("The supervisor closed the relay, sent more, and did not end it."));
        Assert.That(read, Is.EqualTo(_data));
    }

    [Test]
    public async Task RelayClose_SilenceInTheMiddleOfAFrame_Fails()
    {
        await _supervisor.DataAsync(Stream, Message(new RelayFrame { Data = ByteString.CopyFrom(_data) })[..1000]);
        var reading = ReadToEndAsync();
        await Eventually.BecomesTrueAsync(() => _caller.BytesRead == 1000 - 9, "the piece is read");
        Close("");

        await PassUntilAsync(() => reading.IsCompleted, "the relay ends");

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<RelayProtocolException>());
    }

    [Test]
    public async Task RelayClose_WithAReasonAndNoEnd_FailsWithIt([Values] bool isSilent)
    {
        var read = new List<byte>();
        var reading = ReadToEndAsync(read);
        Close("target is gone");
        var sent = isSilent ? [] : _data;
        if (!isSilent)
        {
            await _supervisor.SendAsync(DataFrames(ends: false));
        }

        await Eventually.BecomesTrueAsync(() => _caller.BytesRead == sent.Length, "all is read");
        await PassUntilAsync(() => reading.IsCompleted, "the relay ends");

        await Assert.ThatAsync(() => reading, Throws.InstanceOf<IOException>().With.Message.EqualTo("target is gone"));
        Assert.That(read, Is.EqualTo(sent));
    }

    private async Task ClaimAsync(string? userAgent)
    {
        _pending = _host.Pending();
        await _supervisor.CallAsync(Stream, RelayWire.RelayStreamPath, userAgent: userAgent);
        await _supervisor.DataAsync(Stream, Message(new RelayFrame { Init = new RelayInit { ChannelId = _pending.ChannelId } }));
        Assert.That((await Eventually.EndsAsync(_pending.Opened, "the claim")).Succeeded(out var caller, out _), Is.True);
        _caller = caller!;
    }

    private async Task UseGrpcLibraryAsync()
    {
        await _caller.DisposeAsync();
        await _supervisor.DisposeAsync();
        _supervisor = await _host.ConnectRawAsync();
        await ClaimAsync("grpc-python/1.51.1 grpc-c/29.0.0 (linux; chttp2)");
    }

    private void Close(string reason) => _host.Table.FindActive(_pending.ChannelId, "a")!.CloseByPeer(reason);

    // The read may begin to wait, and the timers be set, only after the clock was moved.
    private Task PassUntilAsync(Func<bool> condition, string what) => Eventually.BecomesTrueAsync(
        () =>
        {
            _time.Advance(_options.SilenceBeforeEnd);
            return condition();
        },
        what);

    private static byte[] Reset(byte[] code) => RawHttp2.Encode(RawFrame.ResetStream, 0, Stream, code);

    private static byte[] Message(RelayFrame frame)
    {
        var message = new byte[5 + frame.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), message.Length - 5);
        frame.ToByteArray().CopyTo(message, 5);
        return message;
    }

    // Of many sizes, so that messages and frames of HTTP/2 do not fall together.
    private byte[] DataFrames(bool ends)
    {
        List<byte> body = [];
        for (var at = 0; at < _data.Length;)
        {
            var size = Math.Min(_data.Length - at, 1 + (at % 20_000));
            body.AddRange(Message(new RelayFrame { Data = ByteString.CopyFrom(_data, at, size) }));
            at += size;
        }

        return
        [
            .. body.Chunk(16_384).SelectMany(part => RawHttp2.Encode(RawFrame.Data, 0, Stream, part)),
            .. ends ? RawHttp2.Encode(RawFrame.Data, EndStream, Stream, []) : [],
        ];
    }

    // Frames of a connection are dealt with in order: once a later call is answered, the earlier frames have been seen.
    private async Task FenceAsync(int stream)
    {
        await _supervisor.CallAsync(stream, RelayWire.RelayStreamPath);
        await _supervisor.DataAsync(stream, [], ends: true);
        await Eventually.BecomesTrueAsync(() => _supervisor.HasEnded(stream), "a later call is answered");
    }

    private async Task<List<byte>> ReadToEndAsync()
    {
        var read = new List<byte>();
        await ReadToEndAsync(read);
        return read;
    }

    private Task ReadToEndAsync(List<byte> into)
    {
        return Eventually.EndsAsync(ReadAsync(), "the end of the supervisor's direction");

        async Task ReadAsync()
        {
            while (await _caller.ReadAsync(CancellationToken.None) is { Kind: RelayReadKind.Data } read)
            {
                into.AddRange(read.Data.ToArray());
                _caller.Advance();
            }
        }
    }
}
