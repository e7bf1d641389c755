namespace OpenShell.Gateway.Store;

/// <summary>Times as rows have them.</summary>
internal static class StoredTimes
{
    /// <summary>The time as it is read again: rows know milliseconds. Whoever is told of a new record is told the same later.</summary>
    public static DateTimeOffset AsStored(this DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
}
