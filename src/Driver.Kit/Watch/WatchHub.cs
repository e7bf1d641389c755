namespace OpenShell.Driver.Kit.Watch;

/// <summary>Hands events to all watchers. Never waits for one.</summary>
public sealed class WatchHub : IDisposable
{
    // The boot of a microVM has about ten events: this is a burst of two dozen sandboxes.
    private const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly HashSet<WatchSubscription> _subscriptions = [];
    private readonly int _capacity;
    private bool _closed;

    /// <summary>A hub for a driver.</summary>
    public WatchHub()
        : this(Capacity)
    {
    }

    /// <param name="capacity">Events that a watcher may be behind.</param>
    public WatchHub(int capacity) => _capacity = capacity;

    /// <summary>From now on every event is queued. Look at the sandboxes after this call, not before.</summary>
    public WatchSubscription Subscribe()
    {
        var subscription = new WatchSubscription(_capacity, Leave);
        lock (_lock)
        {
            if (_closed)
            {
                subscription.Complete();
            }
            else
            {
                _subscriptions.Add(subscription);
            }
        }

        return subscription;
    }

    /// <summary>Queues an event for every watcher that has room for it.</summary>
    public void Publish(DriverEvent driverEvent)
    {
        lock (_lock)
        {
            // Only puts it into bounded queues.
            foreach (var subscription in _subscriptions)
            {
                subscription.Offer(driverEvent);
            }
        }
    }

    /// <summary>Ends all watches; further ones end at once.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var subscription in _subscriptions)
            {
                subscription.Complete();
            }

            _subscriptions.Clear();
        }
    }

    private void Leave(WatchSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Remove(subscription);
        }
    }
}
