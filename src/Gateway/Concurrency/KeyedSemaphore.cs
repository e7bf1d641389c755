namespace OpenShell.Gateway.Concurrency;

/// <summary>One asynchronous semaphore per key; it exists only while somebody holds it or waits for it. Thread-safe.</summary>
/// <param name="holders">How many may hold one key at a time.</param>
internal class KeyedSemaphore(int holders)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Waits for a place at a key; dispose the result to give it back.</summary>
    public async Task<IDisposable> EnterAsync(string key, CancellationToken cancellationToken)
    {
        var entry = Use(key);
        try
        {
            await entry.Semaphore.WaitAsync(cancellationToken);
            return new Holder(this, key, entry);
        }
        catch
        {
            Leave(key, entry);
            throw;
        }
    }

    /// <summary>
    /// As <see cref="EnterAsync"/>, but gives up where nothing moves: nobody has given a place back for so long. How many wait, and
    /// how slow the machine is, makes no difference.
    /// </summary>
    /// <returns>Null: it gave up.</returns>
    public async Task<IDisposable?> TryEnterAsync(string key, TimeSpan standstill, TimeProvider time, CancellationToken cancellationToken)
    {
        var entry = Use(key);
        try
        {
            while (true)
            {
                var before = entry.Releases;
                using var limit = new CancellationTokenSource(standstill, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                try
                {
                    await entry.Semaphore.WaitAsync(either.Token);
                    return new Holder(this, key, entry);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    if (entry.Releases == before)
                    {
                        Leave(key, entry);
                        return null;
                    }
                }
            }
        }
        catch
        {
            Leave(key, entry);
            throw;
        }
    }

    private Entry Use(string key)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                _entries.Add(key, entry = new Entry(holders));
            }

            entry.Users++;
            return entry;
        }
    }

    private void Leave(string key, Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Users == 0)
            {
                _entries.Remove(key);
                entry.Semaphore.Dispose();
            }
        }
    }

    private sealed class Entry(int holders)
    {
        private int _releases;

        public int Releases => Volatile.Read(ref _releases);

        public SemaphoreSlim Semaphore { get; } = new(holders, holders);

        public int Users { get; set; }

        public void Release()
        {
            Interlocked.Increment(ref _releases);
            Semaphore.Release();
        }
    }

    private sealed class Holder(KeyedSemaphore owner, string key, Entry entry) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                entry.Release();
                owner.Leave(key, entry);
            }
        }
    }
}
