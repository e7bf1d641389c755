using System.Threading.Channels;

namespace OpenShell.Driver.Vm.Events;

/// <summary>
/// One watcher's queue. When it is full, events are not queued any more and the watcher is told once that it has to
/// look at everything anew.
/// </summary>
internal sealed class EventSubscription : IDisposable
{
    private readonly Channel<IDriverEvent> _queue;
    private readonly Action<EventSubscription> _leave;
    private int _missed;

    public EventSubscription(int capacity, Action<EventSubscription> leave)
    {
        _leave = leave;
        _queue = Channel.CreateBounded<IDriverEvent>(new BoundedChannelOptions(capacity) { SingleReader = true });
    }

    /// <summary>Waits until there is an event.</summary>
    /// <returns>False when there will never be one again.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _queue.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake(out IDriverEvent? driverEvent) => _queue.Reader.TryRead(out driverEvent);

    /// <summary>
    /// Whether events were missed since the last call. Asked after every event that was taken: the queue was full then,
    /// so there is one to take.
    /// </summary>
    public bool TakeMissed() => Interlocked.Exchange(ref _missed, 0) != 0;

    public void Offer(IDriverEvent driverEvent)
    {
        if (!_queue.Writer.TryWrite(driverEvent))
        {
            Interlocked.Exchange(ref _missed, 1);
        }
    }

    public void Complete() => _queue.Writer.TryComplete();

    public void Dispose() => _leave(this);
}
