namespace OpenShell.Gateway.Logs;

/// <summary>
/// How fast one sandbox may push lines. Too much is not refused: whoever pushes waits, the stream's flow control hands
/// that on, and the supervisor drops at its end and says how much. Thread-safe.
/// </summary>
internal sealed class LogIntake
{
    private const double LinesPerSecond = 2000;
    private const double BytesPerSecond = 1024 * 1024;
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private long? _paidUntil;

    /// <summary>Accounts for lines that came.</summary>
    /// <returns>How long to wait before taking more.</returns>
    public TimeSpan Take(int lines, long bytes, TimeProvider time)
    {
        var cost = TimeSpan.FromSeconds(Math.Max(lines / LinesPerSecond, bytes / BytesPerSecond));
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var earliest = now - Ticks(Burst, time);
            _paidUntil = Math.Max(_paidUntil ?? earliest, earliest) + Ticks(cost, time);
            return _paidUntil > now ? time.GetElapsedTime(now, _paidUntil.Value) : TimeSpan.Zero;
        }
    }

    private static long Ticks(TimeSpan span, TimeProvider time) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
