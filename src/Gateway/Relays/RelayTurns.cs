using OpenShell.Gateway.Concurrency;

namespace OpenShell.Gateway.Relays;

/// <summary>
/// Turns to open relays. One comes up within milliseconds, so a burst that is larger than the limit of pending relays is
/// gone by then: it waits here in place of being refused. Thread-safe.
/// </summary>
internal sealed class RelayTurns(RelayOptions options, TimeProvider time)
{
    private readonly KeyedSemaphore _openings = new(options.MaxPendingPerSandbox);

    /// <summary>Waits for a turn; dispose it when the relay is open or was refused.</summary>
    /// <param name="standstill">How long to wait while nothing moves.</param>
    /// <returns>Null if none came in time: the limit of pending relays decides then, and says why it refuses.</returns>
    public Task<IDisposable?> WaitAsync(string sandboxId, TimeSpan standstill, CancellationToken cancellationToken) =>
        _openings.TryEnterAsync(sandboxId, standstill, time, cancellationToken);
}
