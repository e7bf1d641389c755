using System.Threading.Channels;

namespace OpenShell.Driver.Kit.Watch;

/// <summary>
/// One watcher's queue. When it is full, events are not queued any more and the watcher is told once that it has to
/// look at everything anew.
/// </summary>
public sealed class WatchSubscription : IDisposable
{
    private readonly Channel<DriverEvent> _queue;
    private readonly Action<WatchSubscription> _leave;
    private int _missed;

    internal WatchSubscription(int capacity, Action<WatchSubscription> leave)
    {
        _leave = leave;
        _queue = Channel.CreateBounded<DriverEvent>(new BoundedChannelOptions(capacity) { SingleReader = true });
    }

    /// <summary>Waits until there is an event.</summary>
    /// <returns>False when there will never be one again.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _queue.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes the oldest event; false if there is none now.</summary>
    public bool TryTake(out DriverEvent? driverEvent) => _queue.Reader.TryRead(out driverEvent);

    /// <summary>
    /// Whether events were missed since the last call. Asked after every event that was taken: the queue was full then,
    /// so there is one to take.
    /// </summary>
    public bool TakeMissed() => Interlocked.Exchange(ref _missed, 0) != 0;

    internal void Offer(DriverEvent driverEvent)
    {
        if (!_queue.Writer.TryWrite(driverEvent))
        {
            Interlocked.Exchange(ref _missed, 1);
        }
    }

    internal void Complete() => _queue.Writer.TryComplete();

    /// <summary>Leaves the hub.</summary>
    public void Dispose() => _leave(this);
}
