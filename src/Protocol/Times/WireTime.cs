using Google.Protobuf.WellKnownTypes;

namespace OpenShell.Protocol.Times;

/// <summary>
/// Times and spans of the wire. Everybody may send anything in them: what is outside protobuf's bounds (the years 1 to
/// 9999; about 10 000 years either way; nanoseconds below a second, of the same sign) is found here and nowhere else.
/// </summary>
public static class WireTime
{
    private const long FirstSecond = -62_135_596_800;
    private const long LastSecond = 253_402_300_799;
    private const long LongestSeconds = 315_576_000_000;
    private const int LastNanosecond = 999_999_999;
    private const int NanosecondsPerTick = 100;

    /// <summary>The time, cut to 100 ns; false if it is out of bounds.</summary>
    public static bool TryToTime(this Timestamp timestamp, out DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        var valid = timestamp.Seconds is >= FirstSecond and <= LastSecond && timestamp.Nanos is >= 0 and <= LastNanosecond;
        time = valid ? DateTimeOffset.FromUnixTimeSeconds(timestamp.Seconds).AddTicks(timestamp.Nanos / NanosecondsPerTick) : default;
        return valid;
    }

    /// <summary>The time, or another one where there is none or it is out of bounds.</summary>
    public static DateTimeOffset ToTimeOr(this Timestamp? timestamp, DateTimeOffset otherwise) =>
        timestamp is not null && timestamp.TryToTime(out var time) ? time : otherwise;

    /// <summary>The span, cut to 100 ns; false if it is out of bounds. It may be negative.</summary>
    public static bool TryToSpan(this Duration duration, out TimeSpan span)
    {
        ArgumentNullException.ThrowIfNull(duration);
        var valid = duration.Seconds is >= -LongestSeconds and <= LongestSeconds
            && duration.Nanos is >= -LastNanosecond and <= LastNanosecond
            && (Math.Sign(duration.Seconds) * Math.Sign(duration.Nanos)) >= 0;
        span = valid ? TimeSpan.FromSeconds(duration.Seconds) + TimeSpan.FromTicks(duration.Nanos / NanosecondsPerTick) : default;
        return valid;
    }
}
