using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Clock;
using OpenShell.Supervisor.Logs;
using OpenShell.TestKit;

namespace OpenShell.Supervisor.Tests.Clock;

/// <summary>A guest's clock that is off by a known difference, and a gateway with a known round trip.</summary>
public sealed class ClockSynchronizerTests
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(40);

    private readonly ManualTimeProvider _time = new();
    private readonly SupervisorLog _log = new();
    private FakeClock _clock = null!;
    private ClockSynchronizer _keeper = null!;

    [SetUp]
    public void Make()
    {
        _clock = new FakeClock(_time);
        _keeper = new ClockSynchronizer(_clock, _time, _log);
    }

    [TestCase(-315_360_000_000)]
    [TestCase(-5_000)]
    [TestCase(-200)]
    [TestCase(200)]
    [TestCase(86_400_000)]
    public void Observe_FarOff_IsSteppedToTheGatewaysTime(long milliseconds)
    {
        _clock.Offset = TimeSpan.FromMilliseconds(milliseconds);
        Exchange();
        Assert.That(_clock.Offset.Duration(), Is.LessThanOrEqualTo(RoundTrip / 2));
        Assert.That(_clock.Slewed, Is.Null);
        Assert.That(_log.Outbox.Take(10).Select(l => l.Message), Has.Some.Contains(milliseconds < 0 ? "s behind; set by the gateway's" : "s ahead; set by the gateway's"));
    }

    [TestCase(-100)]
    [TestCase(100)]
    public void Observe_ALittleOff_IsSlewed(long milliseconds)
    {
        _clock.Offset = TimeSpan.FromMilliseconds(milliseconds);
        Exchange();
        Assert.That(_clock.Slewed, Is.EqualTo(-_clock.Offset).Within(RoundTrip / 2));
        Assert.That(_clock.Steps, Is.Zero);
    }

    [TestCase(0)]
    [TestCase(15)]
    [TestCase(-15)]
    public void Observe_WithinTheRoundTrip_IsLeftAlone(long milliseconds)
    {
        _clock.Offset = TimeSpan.FromMilliseconds(milliseconds);
        Exchange();
        Assert.That((_clock.Steps, _clock.Slewed), Is.EqualTo((0, (TimeSpan?)null)));
    }

    // The gateway's word is from some moment of the round trip, early or late.
    [TestCase(0)]
    [TestCase(1)]
    public void Observe_AnswerFromEitherEndOfTheRoundTrip_ErrsByHalfOfItAtMost(int end)
    {
        _clock.Offset = TimeSpan.FromHours(-1);
        Exchange(answeredAt: RoundTrip * end);
        Assert.That(_clock.Offset.Duration(), Is.LessThanOrEqualTo(RoundTrip / 2));
    }

    [Test]
    public void Observe_AnswerThatTookTooLong_ChangesNothing()
    {
        _clock.Offset = TimeSpan.FromHours(-1);
        Exchange(roundTrip: ClockSynchronizer.LongestRoundTrip + TimeSpan.FromSeconds(1));
        Assert.That(_clock.Steps, Is.Zero);
    }

    [TestCase(0L)]
    [TestCase(long.MinValue)]
    [TestCase(long.MaxValue)]
    [TestCase(8_000_000_000_000_000L)]
    public void Observe_OddGatewayTime_ChangesNothing(long microseconds)
    {
        var heartbeat = _keeper.NewHeartbeat();
        _keeper.Observe(new GatewayHeartbeat { TimeUs = microseconds, AnswersSentAt = heartbeat.SentAt });
        Assert.That((_clock.Steps, _clock.Slewed), Is.EqualTo((0, (TimeSpan?)null)));
    }

    [Test]
    public void Observe_NoAnswerOfOurs_ChangesNothing()
    {
        _clock.Offset = TimeSpan.FromHours(-1);
        _keeper.Observe(new GatewayHeartbeat());
        _keeper.Observe(new GatewayHeartbeat { TimeUs = Microseconds() });
        _keeper.Observe(new GatewayHeartbeat { TimeUs = Microseconds(), AnswersSentAt = _time.GetTimestamp() + _time.TimestampFrequency });
        Assert.That((_clock.Steps, _clock.Slewed), Is.EqualTo((0, (TimeSpan?)null)));
    }

    [Test]
    public void Observe_ClockThatCannotBeSet_IsAWarning()
    {
        _clock.Offset = TimeSpan.FromHours(-1);
        _clock.Failure = "Operation not permitted";
        Exchange();
        Assert.That(_log.Outbox.Take(10).Select(l => (l.Level, l.Message)), Does.Contain(("WARN", "the clock cannot be set: Operation not permitted")));
    }

    private void Exchange(TimeSpan? answeredAt = null, TimeSpan? roundTrip = null)
    {
        var whole = roundTrip ?? RoundTrip;
        var at = answeredAt ?? whole / 2;
        var heartbeat = _keeper.NewHeartbeat();
        _time.Advance(at);
        var answer = new GatewayHeartbeat { TimeUs = Microseconds(), AnswersSentAt = heartbeat.SentAt };
        _time.Advance(whole - at);
        _keeper.Observe(answer);
    }

    private long Microseconds() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed class FakeClock(TimeProvider right) : IWallClock
    {
        public TimeSpan Offset { get; set; }

        public string? Failure { get; set; }

        public int Steps { get; private set; }

        public TimeSpan? Slewed { get; private set; }

        public DateTimeOffset Now => right.GetUtcNow() + Offset;

        public string? Step(TimeSpan by)
        {
            if (Failure is null)
            {
                Offset += by;
                Steps++;
            }

            return Failure;
        }

        public string? Slew(TimeSpan by)
        {
            Slewed = by;
            return Failure;
        }
    }
}
