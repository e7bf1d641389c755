using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Http;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Connections;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GuardedInputTests
{
    private static readonly UserPrincipal Person = new("admin", "test");
    private readonly ManualTimeProvider _time = new();
    private readonly Pipe _wire = new(new PipeOptions(pauseWriterThreshold: 0));
    private readonly FakeConnection _connection = new();
    private readonly StreamResets _resets = new();
    private readonly PeerConnection _peer;
    private readonly GuardedInput _input;

    public GuardedInputTests()
    {
        var registry = new ConnectionRegistry(new ConnectionOptions { AnonymousBytes = 100, AnonymousBytesPerSecond = 10 }, new DescriptorBudget(10, 0), _time);
        registry.TryAdd(_connection);
        _peer = _connection.Peer;
        _input = new GuardedInput(_wire.Reader, _peer, new FrameAllowance(_time), new ResetRewriter(_resets));
    }

    [Test]
    public async Task Read_ServerTakesLittleAtATime_EveryByteIsCountedOnce()
    {
        await SendAsync(new byte[24]);
        for (var i = 0; i < 1000; i++)
        {
            await SendAsync(RawHttp2.Encode(RawFrame.Settings, 0, 0, []));
        }

        _peer.Authenticate(Person);
        var left = 24 + (1000 * 9);
        for (var taken = 1; left > 0; taken = (taken + 7) % 50)
        {
            var result = await _input.ReadAsync();
            var count = Math.Min(taken, left);
            Assert.That(result.Buffer.Length, Is.EqualTo(left));
            _input.AdvanceTo(result.Buffer.GetPosition(count), result.Buffer.End.Equals(result.Buffer.Start) ? result.Buffer.End : result.Buffer.GetPosition(count));
            left -= count;
        }

        Assert.That(_connection.IsOpen, Is.True, "a thousand are allowed");
        await SendAsync(RawHttp2.Encode(RawFrame.Settings, 0, 0, []));
        await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await _input.ReadAsync());
        Assert.That(_connection.IsOpen, Is.False);
    }

    [Test]
    public async Task Read_TooMuchWithoutAToken_WaitsUntilOneIsShown()
    {
        await ReadAllAsync(10_000);
        await SendAsync(new byte[1]);
        var reading = _input.ReadAsync().AsTask();
        Assert.That((_input.TryRead(out _), reading.IsCompleted), Is.EqualTo((false, false)));

        _peer.Authenticate(Person);

        Assert.That((await Eventually.EndsAsync(reading, "the read")).Buffer.Length, Is.EqualTo(1));
    }

    [Test]
    public async Task Read_ALittleTooMuchWithoutAToken_GoesOnWhenItHasComeBack()
    {
        await ReadAllAsync(150);
        await SendAsync(new byte[1]);
        var reading = _input.ReadAsync().AsTask();
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That(reading.IsCompleted, Is.False);

        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.That((await Eventually.EndsAsync(reading, "the read")).Buffer.Length, Is.EqualTo(1));
    }

    [Test]
    public async Task Read_FarTooMuchAndNoToken_ConnectionEnds()
    {
        await ReadAllAsync(10_000);
        var reading = _input.ReadAsync().AsTask();

        _time.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Eventually.EndsAsync(reading, "the read"));
        Assert.That(_connection.IsOpen, Is.False);
    }

    [Test]
    public async Task CancelPendingRead_WhileItWaits_Returns()
    {
        await ReadAllAsync(10_000);
        var reading = _input.ReadAsync().AsTask();

        _input.CancelPendingRead();

        Assert.That((await Eventually.EndsAsync(reading, "the read")).IsCanceled, Is.True);
    }

    // However the bytes are cut, the server gets a whole frame in place of a reset that somebody hears: the end of a request
    // that has not ended, or one that says nothing.
    [Test]
    public async Task Read_ResetThatIsHeard_ServerGetsAnotherFrame([Values(1, 3, 9, 12, 100)] int piece, [Values] bool ended)
    {
        _peer.Authenticate(Person);
        List<bool> heard = [];
        using var hearing = _resets.Hear(7, heard.Add);
        var data = RawHttp2.Encode(RawFrame.Data, ended ? (byte)1 : (byte)0, 7, [1, 2, 3]);
        var other = RawHttp2.Encode(RawFrame.ResetStream, 0, 9, [0, 0, 0, 8]);
        byte[] sent = [.. new byte[24], .. data, .. other, .. RawHttp2.Encode(RawFrame.ResetStream, 0, 7, [0, 0, 0, 8]), .. data];
        List<byte> got = [];
        for (var at = 0; at < sent.Length; at += piece)
        {
            await SendAsync(sent[at..Math.Min(sent.Length, at + piece)]);
            var result = await _input.ReadAsync();
            got.AddRange(result.Buffer.ToArray());
            _input.AdvanceTo(result.Buffer.End);
        }

        var instead = ended ? RawHttp2.Encode((RawFrame)0xf0, 0, 7, [0, 0, 0, 8]) : RawHttp2.Encode(RawFrame.Headers, 0x0d, 7, [2, 0x93, 0, 0]);
        Assert.That(got, Is.EqualTo((byte[])[.. new byte[24], .. data, .. other, .. instead, .. data]));
        Assert.That(heard, Is.EqualTo(new[] { ended }));
    }

    // Who asks late learns of an end that came before.
    [Test]
    public async Task Read_RequestEndedBeforeAnybodyAsked_IsRemembered()
    {
        _peer.Authenticate(Person);
        await SendAsync([.. new byte[24], .. RawHttp2.Encode(RawFrame.Headers, 5, 7, [])]);
        _input.AdvanceTo((await _input.ReadAsync()).Buffer.End);
        List<bool> heard = [];
        using var hearing = _resets.Hear(7, heard.Add);

        await SendAsync(RawHttp2.Encode(RawFrame.ResetStream, 0, 7, [0, 0, 0, 8]));
        await _input.ReadAsync();

        Assert.That(heard, Is.EqualTo(new[] { true }));
    }

    private async Task ReadAllAsync(int count)
    {
        // One long frame.
        byte[] bytes = [.. new byte[24], 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1, .. new byte[count - 33]];
        await SendAsync(bytes);
        var result = await _input.ReadAsync();
        _input.AdvanceTo(result.Buffer.End);
    }

    private async Task SendAsync(byte[] bytes) => await _wire.Writer.WriteAsync(bytes);
}
