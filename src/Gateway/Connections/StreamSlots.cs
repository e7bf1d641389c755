using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Connections;

/// <summary>Places for streams that stay, in all and on each connection. Thread-safe.</summary>
/// <param name="what">What takes them, for messages.</param>
/// <param name="max">Of all connections.</param>
/// <param name="maxPerConnection">Of one.</param>
/// <param name="option">The gateway's option that sets <paramref name="max"/>; null: none does.</param>
/// <param name="optionPerConnection">The one that sets <paramref name="maxPerConnection"/>.</param>
internal sealed class StreamSlots(string what, int max, int maxPerConnection, string? option = null, string? optionPerConnection = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _connections = [];
    private int _count;

    /// <summary>Takes a place; dispose it at the end of the stream.</summary>
    /// <returns>The place, or the failure to tell the caller.</returns>
    public (IDisposable? Place, Failure? Refusal) Take(string connectionId)
    {
        lock (_lock)
        {
            var own = _connections.GetValueOrDefault(connectionId);
            if (_count >= max || own >= maxPerConnection)
            {
                ConnectionMetrics.Refused(CallLimit.Watches);
                return (null, _count >= max ? Full("this gateway", max, option) : Full("this connection", maxPerConnection, optionPerConnection));
            }

            _count++;
            _connections[connectionId] = own + 1;
            return (new Place(this, connectionId), null);
        }
    }

    private Failure Full(string who, int limit, string? set) => new(
        FailureKind.ResourceExhausted,
        $"{who} has {limit} {what}, which is the limit; {(set is null ? "close some" : $"close some, or raise the gateway's {set}")}");

    private void Leave(string connectionId)
    {
        lock (_lock)
        {
            _count--;
            var left = _connections[connectionId] - 1;
            if (left == 0)
            {
                _connections.Remove(connectionId);
            }
            else
            {
                _connections[connectionId] = left;
            }
        }
    }

    private sealed class Place(StreamSlots slots, string connectionId) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                slots.Leave(connectionId);
            }
        }
    }
}
