using System.Buffers;
using System.IO.Pipelines;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Relays;

/// <summary>A sandbox's side that takes nothing more: what it said before is delivered, and how it ended decides.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RelayPumpTests
{
    private readonly Pipe _fromCaller = new();
    private readonly Pipe _toCaller = new();
    private readonly Pipe _fromTarget = new();
    private readonly Target _target = new();
    private readonly Task<PumpResult> _pumping;

    public RelayPumpTests()
    {
        var caller = new RelayConnection(
            new RelayFrameReader(_fromCaller.Reader), new RelayFrameWriter(_toCaller.Writer), new Target(), peerKnowsEndOfStream: true);
        var target = new RelayConnection(
            new RelayFrameReader(_fromTarget.Reader), new RelayFrameWriter(new Pipe().Writer), _target, peerKnowsEndOfStream: true);
        _pumping = RelayPump.RunAsync(caller, target, CancellationToken.None);
    }

    [Test]
    public async Task Run_TargetGoneThenItsBytesAndItsEnd_IsDone()
    {
        await _target.Gone.CancelAsync();
        await SendAsync([1, 2, 3]);
        await _fromTarget.Writer.CompleteAsync();

        Assert.That(await EndAsync(), Is.EqualTo(PumpEnd.Done));
        var passedOn = await _toCaller.Reader.ReadAsync();
        Assert.That(passedOn.Buffer.ToArray().AsSpan()[..10].ToArray(), Is.EqualTo(new byte[] { 0, 0, 0, 0, 5, 0x12, 3, 1, 2, 3 }));
    }

    // Nothing more comes from the caller, who keeps its direction open.
    [Test]
    public async Task Run_TargetHasEndedAndThenGoes_IsDone()
    {
        await _fromTarget.Writer.CompleteAsync();
        await _target.Gone.CancelAsync();

        Assert.That(await EndAsync(), Is.EqualTo(PumpEnd.Done));
    }

    [Test]
    public async Task Run_TargetHasEndedAndCallerStillSends_GoesOn()
    {
        await _fromTarget.Writer.CompleteAsync();
        await _fromCaller.Writer.WriteAsync(new byte[] { 0, 0, 0, 0, 3, 0x12, 1, 9 });
        Assert.That(_pumping.IsCompleted, Is.False);
        await _fromCaller.Writer.CompleteAsync();

        Assert.That(await EndAsync(), Is.EqualTo(PumpEnd.Done));
    }

    [Test]
    public async Task Run_TargetGoneAndItsBytesBreak_TargetBroke()
    {
        await _target.Gone.CancelAsync();
        await _fromTarget.Writer.CompleteAsync(new IOException("lost"));

        Assert.That(await EndAsync(), Is.EqualTo(PumpEnd.TargetBroke));
    }

    private async Task<PumpEnd> EndAsync() => (await Eventually.EndsAsync(_pumping, "the pump")).End;

    private async Task SendAsync(byte[] data) =>
        await _fromTarget.Writer.WriteAsync((byte[])[0, 0, 0, 0, (byte)(data.Length + 2), 0x12, (byte)data.Length, .. data]);

    private sealed class Target : IRelayTransport
    {
        public CancellationTokenSource Gone { get; } = new();

        public bool PeerEndsStream => false;

        public CancellationToken Broken => Gone.Token;

        public ValueTask CompleteWritesAsync() => ValueTask.CompletedTask;

        public void ThrowIfFailed()
        {
        }

        public void Abort()
        {
        }

        public ValueTask CloseAsync(bool clean) => ValueTask.CompletedTask;
    }
}
