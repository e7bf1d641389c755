namespace OpenShell.Gateway.Connections;

/// <summary>
/// Bytes of requests that have not come in whole. A call waits for all of its request before it does anything, so
/// callers who never end theirs could make us hold any number of them. Thread-safe.
/// </summary>
internal sealed class RequestMemory
{
    /// <summary>The most for all requests together: six of the largest.</summary>
    public const long MaxBytes = 256 * 1024 * 1024;

    private long _bytes;

    /// <summary>Bytes right now.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Takes some, if they are there.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= MaxBytes)
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    /// <summary>Gives back what was taken.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
