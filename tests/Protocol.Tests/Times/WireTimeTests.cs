using Google.Protobuf.WellKnownTypes;

namespace OpenShell.Protocol.Times;

public class WireTimeTests
{
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;
    private const long LongestSeconds = 315_576_000_000;

    [TestCase(0L, 0)]
    [TestCase(1_900_000_000L, 123_456_700)]
    [TestCase(-1L, 999_999_999)]
    [TestCase(FirstSecond, 0)]
    [TestCase(LastSecond, 999_999_999)]
    public void TryToTime_InBounds_IsTheTimeCutToTicks(long seconds, int nanos)
    {
        Assert.That(new Timestamp { Seconds = seconds, Nanos = nanos }.TryToTime(out var time), Is.True);
        Assert.That(time, Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(nanos / 100)));
    }

    [TestCase(FirstSecond - 1, 0)]
    [TestCase(LastSecond + 1, 0)]
    [TestCase(long.MinValue, 0)]
    [TestCase(long.MaxValue, 0)]
    [TestCase(0L, -1)]
    [TestCase(0L, 1_000_000_000)]
    [TestCase(0L, int.MinValue)]
    public void TryToTime_OutOfBounds_IsNone(long seconds, int nanos)
    {
        var timestamp = new Timestamp { Seconds = seconds, Nanos = nanos };

        Assert.That(timestamp.TryToTime(out _), Is.False);
        Assert.That(timestamp.ToTimeOr(DateTimeOffset.UnixEpoch), Is.EqualTo(DateTimeOffset.UnixEpoch));
    }

    [TestCase(0L, 0)]
    [TestCase(1L, 500_000_000)]
    [TestCase(-1L, -500_000_000)]
    [TestCase(0L, -1)]
    [TestCase(LongestSeconds, 999_999_999)]
    [TestCase(-LongestSeconds, -999_999_999)]
    public void TryToSpan_InBounds_IsTheSpanCutToTicks(long seconds, int nanos)
    {
        Assert.That(new Duration { Seconds = seconds, Nanos = nanos }.TryToSpan(out var span), Is.True);
        Assert.That(span.Ticks, Is.EqualTo((seconds * TimeSpan.TicksPerSecond) + (nanos / 100)));
    }

    [TestCase(LongestSeconds + 1, 0)]
    [TestCase(-LongestSeconds - 1, 0)]
    [TestCase(long.MaxValue, 0)]
    [TestCase(long.MinValue, 0)]
    [TestCase(1L, -1)]
    [TestCase(-1L, 1)]
    [TestCase(0L, 1_000_000_000)]
    [TestCase(0L, -1_000_000_000)]
    [TestCase(0L, int.MinValue)]
    public void TryToSpan_OutOfBounds_IsNone(long seconds, int nanos) =>
        Assert.That(new Duration { Seconds = seconds, Nanos = nanos }.TryToSpan(out _), Is.False);
}
