namespace OpenShell.Driver.Vm.Events;

/// <summary>Hands events to all watchers. Never waits for one.</summary>
internal sealed class EventHub : IDisposable
{
    // A boot has about ten events: this is a burst of two dozen sandboxes.
    private const int Capacity = 256;

    private readonly Lock _lock = new();
    private readonly HashSet<EventSubscription> _subscriptions = [];
    private readonly int _capacity;
    private bool _closed;

    public EventHub()
        : this(Capacity)
    {
    }

    internal EventHub(int capacity) => _capacity = capacity;

    /// <summary>From now on every event is queued. Look at the machines after this call, not before.</summary>
    public EventSubscription Subscribe()
    {
        var subscription = new EventSubscription(_capacity, Leave);
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

    public void Publish(IDriverEvent driverEvent)
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

    private void Leave(EventSubscription subscription)
    {
        lock (_lock)
        {
            _subscriptions.Remove(subscription);
        }
    }
}
