namespace OpenShell.Gateway.Readiness;

/// <summary>
/// One asynchronous gate per sandbox: whoever decides about a sandbox and then acts on it holds its gate.
/// A gate exists only while somebody holds it or waits for it.
/// </summary>
/// <param name="holders">How many may hold one gate at a time.</param>
internal sealed class SandboxGates(int holders = 1)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Gate> _gates = [];

    /// <summary>Enters the gate of a sandbox; dispose the result to leave.</summary>
    public async Task<IDisposable> EnterAsync(string sandboxId, CancellationToken cancellationToken)
    {
        Gate? gate;
        lock (_lock)
        {
            if (!_gates.TryGetValue(sandboxId, out gate))
            {
                _gates.Add(sandboxId, gate = new Gate(holders));
            }

            gate.Users++;
        }

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
        public SemaphoreSlim Semaphore { get; } = new(holders, holders);

        public int Users { get; set; }
    }

    private sealed class Holder(SandboxGates gates, string sandboxId, Gate gate) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                gate.Semaphore.Release();
                gates.Leave(sandboxId, gate);
            }
        }
    }
}
