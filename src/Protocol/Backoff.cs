namespace OpenShell.Protocol;

/// <summary>
/// Delays between attempts: the bound doubles from <paramref name="first"/> to <paramref name="longest"/>, and each
/// delay is a random part of it (full jitter), so that a thousand clients do not come back at once. Not thread-safe.
/// </summary>
/// <param name="first">Bound of the first delay.</param>
/// <param name="longest">Bound of every later one.</param>
public sealed class Backoff(TimeSpan first, TimeSpan longest, Random random)
{
    // What timers count in: less would be no delay at all.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private TimeSpan? _bound;

    /// <summary>The delay before the next attempt.</summary>
    public TimeSpan Next()
    {
        var bound = _bound ?? first;
        _bound = bound * 2 < longest ? bound * 2 : longest;
        return Shortest + ((bound - Shortest) * random.NextDouble());
    }

    /// <summary>After a success: the next delay is a short one again.</summary>
    public void Reset() => _bound = null;
}
