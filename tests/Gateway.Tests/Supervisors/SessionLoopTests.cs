using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Services;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using WireMessage = OpenShell.Protocol.V1.SupervisorMessage;

namespace OpenShell.Gateway.Supervisors;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SessionLoopTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly ManualTimeProvider _time = new();
    private readonly TestDirectory _directory = new();
    private readonly SandboxTokens _tokens;
    private readonly SupervisorSession _session = new("a", "boot-1", 3, "1", [RelayFeatures.TokenRenewal]);
    private readonly BlockingWriter _output = new();

    private readonly SessionClock _clock;
    private int _timersBefore;

    public SessionLoopTests()
    {
        _tokens = new SandboxTokens(_directory.Path, _time, Lifetime);
        _clock = new SessionClock(new SupervisorSessionOptions(Interval), _time);
    }

    [SetUp]
    public Task StartClockAsync() => _clock.StartAsync(CancellationToken.None);

    public void Dispose()
    {
        _clock.Dispose();
        _session.Dispose();
        _tokens.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task RunAsync_WriteDoesNotReturnAndPeerIsSilent_EndsAfterThreeIntervals()
    {
        _output.Blocked = true;
        var running = Run(_session);
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Interval);
        }

        Assert.That(running.IsCompleted, Is.False, "three intervals are still fine");
        _time.Advance(Interval);

        await EndsAsync(running);
        Assert.That(_session.EndReason, Is.EqualTo(SessionEnd.Silent));
    }

    [Test]
    public async Task RunAsync_EveryInterval_SendsAHeartbeat()
    {
        var running = Run(_session);

        _time.Advance(Interval);
        Assert.That((await _output.NextAsync()).PayloadCase, Is.EqualTo(GatewayMessage.PayloadOneofCase.Heartbeat));

        _session.End(SessionEnd.Disconnected);
        await EndsAsync(running);
    }

    [Test]
    public async Task RunAsync_PeerBeats_IsAnsweredAndTheClockAddsNoneOfItsOwn()
    {
        var input = new FakeStreams<WireMessage, GatewayMessage>();
        var running = Run(_session, input);
        for (var i = 0; i < 5; i++)
        {
            _time.Advance(Interval * 0.9);
            input.Say(new WireMessage { Heartbeat = new SupervisorHeartbeat() });
            Assert.That((await _output.NextAsync()).PayloadCase, Is.EqualTo(GatewayMessage.PayloadOneofCase.Heartbeat));
        }

        Assert.That(_output.Unread, Is.Zero);
        _session.End(SessionEnd.Disconnected);
        await EndsAsync(running);
    }

    [Test]
    public async Task RunAsync_PeerKeepsItsClock_IsToldTheTimeWithWhatItAsked()
    {
        using var session = new SupervisorSession("a", "boot-1", 3, "1", [RelayFeatures.Clock]);
        var input = new FakeStreams<WireMessage, GatewayMessage>();
        var running = Run(session, input);
        input.Say(new WireMessage { Heartbeat = new SupervisorHeartbeat { SentAt = 42 } });

        var answer = (await _output.NextAsync()).Heartbeat;

        var now = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        Assert.That((answer.TimeUs, answer.AnswersSentAt), Is.EqualTo((now, 42)));
        session.End(SessionEnd.Disconnected);
        await EndsAsync(running);
    }

    [Test]
    public async Task RunAsync_PeerDoesNotKeepItsClock_GetsAnEmptyHeartbeat()
    {
        var input = new FakeStreams<WireMessage, GatewayMessage>();
        var running = Run(_session, input);
        input.Say(new WireMessage { Heartbeat = new SupervisorHeartbeat { SentAt = 42 } });

        Assert.That((await _output.NextAsync()).Heartbeat, Is.EqualTo(new GatewayHeartbeat()));

        _session.End(SessionEnd.Disconnected);
        await EndsAsync(running);
    }

    [Test]
    public async Task Receive_FloodOfHeartbeats_IsReadMoreSlowly()
    {
        var input = new FakeStreams<WireMessage, GatewayMessage>();
        var running = Run(_session, input);
        for (var i = 0; i < 5000; i++)
        {
            await BeatAsync();
        }

        // The one that is too many is answered, and then nothing is for a while.
        await BeatAsync();
        input.Say(new WireMessage { Heartbeat = new SupervisorHeartbeat() });
        await Eventually.BecomesTrueAsync(() => _time.ActiveTimers > _timersBefore, "the reader waits");
        Assert.That(_output.Unread, Is.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.That((await _output.NextAsync()).PayloadCase, Is.EqualTo(GatewayMessage.PayloadOneofCase.Heartbeat));

        _session.End(SessionEnd.Disconnected);
        await EndsAsync(running);

        async Task BeatAsync()
        {
            _timersBefore = _time.ActiveTimers;
            input.Say(new WireMessage { Heartbeat = new SupervisorHeartbeat() });
            Assert.That((await _output.NextAsync()).PayloadCase, Is.EqualTo(GatewayMessage.PayloadOneofCase.Heartbeat));
        }
    }

    [Test]
    public async Task SendIfDue_AtFourFifthsOfTheLife_SendsAGoodTokenOnce()
    {
        var renewer = new TokenRenewer(_session, _tokens, _time.GetUtcNow() + Lifetime, Interval, _time);
        _time.Advance(Lifetime * 0.74);
        renewer.SendIfDue();
        Assert.That(_session.Commands.TryRead(out _), Is.False, "too early");

        _time.Advance(Lifetime * 0.12);
        renewer.SendIfDue();
        renewer.SendIfDue();

        Assert.That(_session.Commands.TryRead(out var sent), Is.True);
        var renewal = (RenewTokenCommand)sent!;
        var principal = await _tokens.ValidateAsync(renewal.Token, expiredIsFine: false);
        Assert.That((principal!.SandboxId, principal.BootEpoch), Is.EqualTo(("a", 3)));
        Assert.That(renewal.Expires, Is.EqualTo(_time.GetUtcNow() + Lifetime));
        Assert.That(_session.Commands.TryRead(out _), Is.False);
    }

    [Test]
    public void SendIfDue_TokenHasExpired_SendsAtOnce()
    {
        new TokenRenewer(_session, _tokens, _time.GetUtcNow() - Lifetime, Interval, _time).SendIfDue();

        Assert.That(_session.Commands.TryRead(out _), Is.True);
    }

    [Test]
    public void SendIfDue_SupervisorDoesNotKnowRenewal_SendsNothing()
    {
        using var session = new SupervisorSession("a", "boot-1", 3, "1", []);

        new TokenRenewer(session, _tokens, _time.GetUtcNow() - Lifetime, Interval, _time).SendIfDue();

        Assert.That(session.Commands.TryRead(out _), Is.False);
    }

    private Task Run(SupervisorSession session, IAsyncStreamReader<WireMessage>? input = null)
    {
        var options = new RelayOptions();
        var broker = new RelayBroker(new SessionRegistry(_time), new RelayTable(options, _time), options, _time, new SandboxJournal(new SandboxEventHub(TimeProvider.System), _time));
        var renewer = new TokenRenewer(session, _tokens, _time.GetUtcNow() + Lifetime, Interval, _time);
        var stream = new SupervisorStream(input ?? new SilentReader(), _output, () => { }, _time);
        return new SessionLoop(session, broker, renewer, _clock, _time).RunAsync(stream, CancellationToken.None);
    }

    private static async Task EndsAsync(Task running)
    {
        try
        {
            await Eventually.EndsAsync(running, "the session loop");
        }
        catch (OperationCanceledException)
        {
            // The end of the session cancels both directions.
        }
    }

    private sealed class SilentReader : IAsyncStreamReader<WireMessage>
    {
        public WireMessage Current => throw new InvalidOperationException("there is no message");

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return false;
        }
    }

    private sealed class BlockingWriter : IServerStreamWriter<GatewayMessage>
    {
        private readonly System.Threading.Channels.Channel<GatewayMessage> _written = System.Threading.Channels.Channel.CreateUnbounded<GatewayMessage>();

        public bool Blocked { get; set; }

        public int Unread => _written.Reader.Count;

        public WriteOptions? WriteOptions { get; set; }

        public Task<GatewayMessage> NextAsync() => Eventually.EndsAsync(_written.Reader.ReadAsync().AsTask(), "a message");

        public Task WriteAsync(GatewayMessage message) => WriteAsync(message, CancellationToken.None);

        public async Task WriteAsync(GatewayMessage message, CancellationToken cancellationToken)
        {
            await _written.Writer.WriteAsync(message, cancellationToken);
            if (Blocked)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
        }
    }
}
