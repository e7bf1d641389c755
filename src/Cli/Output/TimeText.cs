using System.Globalization;
using Google.Protobuf.WellKnownTypes;

namespace OpenShell.Cli.Output;

/// <summary>Times of the wire. They come from others and may be out of any range, so none is taken as it is.</summary>
internal static class TimeText
{
    // A day within what a date can be, for the offset of any zone.
    private static readonly DateTimeOffset Earliest = DateTimeOffset.MinValue.AddDays(1);
    private static readonly DateTimeOffset Latest = DateTimeOffset.MaxValue.AddDays(-1);

    /// <summary>The nearest time that there is; 1970 where none was given.</summary>
    public static DateTimeOffset Of(Timestamp? time)
    {
        if (time is null)
        {
            return DateTimeOffset.UnixEpoch;
        }

        var seconds = Math.Clamp(time.Seconds, Earliest.ToUnixTimeSeconds(), Latest.ToUnixTimeSeconds());
        return DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(Math.Clamp(time.Nanos, 0, 999_999_999) / TimeSpan.NanosecondsPerTick);
    }

    /// <summary>UTC, RFC 3339, to the second; null where none was given.</summary>
    public static string? Text(Timestamp? time) => time is null ? null : Format(time, "yyyy-MM-dd'T'HH:mm:ss'Z'");

    /// <summary>UTC, RFC 3339, to the millisecond; null where none was given.</summary>
    public static string? Exact(Timestamp? time) => time is null ? null : Format(time, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    private static string Format(Timestamp time, string format) => Of(time).ToString(format, CultureInfo.InvariantCulture);
}
