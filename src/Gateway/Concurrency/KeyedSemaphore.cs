namespace OpenShell.Gateway.Concurrency;

/// <summary>
/// One asynchronous gate per sandbox: whoever decides about a sandbox and then acts on it holds its gate.
/// A gate exists only while somebody holds it or waits for it.
/// </summary>
/// <param name="holders">How many may hold one gate at a time.</param>
internal sealed class KeyedSemaphore(int holders = 1)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Gate> _gates = [];

    /// <summary>Enters the gate of a sandbox; dispose the result to leave.</summary>
    public async Task<IDisposable> EnterAsync(string sandboxId, CancellationToken cancellationToken)
    {
        var gate = Use(sandboxId);
        try
        {
            await gate.Semaphore.WaitAsync(cancellationToken);
            return new Holder(this, sandboxId, gate);
        }
        catch
        {
            Leave(sandboxId, gate);
            throw;
        }
    }

    /// <summary>
    /// As <see cref="EnterAsync"/>, but gives up where nothing moves: nobody has left the gate for so long. How many wait, and
    /// how slow the machine is, makes no difference.
    /// </summary>
    /// <returns>Null: it gave up.</returns>
    public async Task<IDisposable?> TryEnterAsync(string sandboxId, TimeSpan standstill, TimeProvider time, CancellationToken cancellationToken)
    {
        var gate = Use(sandboxId);
        try
        {
            while (true)
            {
                var before = gate.Exits;
                using var limit = new CancellationTokenSource(standstill, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
                try
                {
                    await gate.Semaphore.WaitAsync(either.Token);
                    return new Holder(this, sandboxId, gate);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    if (gate.Exits == before)
                    {
                        Leave(sandboxId, gate);
                        return null;
                    }
                }
            }
        }
        catch
        {
            Leave(sandboxId, gate);
            throw;
        }
    }

    private Gate Use(string sandboxId)
    {
        lock (_lock)
        {
            if (!_gates.TryGetValue(sandboxId, out var gate))
            {
                _gates.Add(sandboxId, gate = new Gate(holders));
            }

            gate.Users++;
            return gate;
        }
    }

    private void Leave(string sandboxId, Gate gate)
    {
        lock (_lock)
        {
            if (--gate.Users == 0)
            {
                _gates.Remove(sandboxId);
                gate.Semaphore.Dispose();
            }
        }
    }

    private sealed class Gate(int holders)
    {
        private int _exits;

        public int Exits => Volatile.Read(ref _exits);

        public SemaphoreSlim Semaphore { get; } = new(holders, holders);

        public int Users { get; set; }

        public void Release()
        {
            Interlocked.Increment(ref _exits);
            Semaphore.Release();
        }
    }

    private sealed class Holder(KeyedSemaphore gates, string sandboxId, Gate gate) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                gate.Release();
                gates.Leave(sandboxId, gate);
            }
        }
    }
}
