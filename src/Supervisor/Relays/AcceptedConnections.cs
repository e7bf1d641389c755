using System.Net.Sockets;

namespace OpenShell.Supervisor.Relays;

/// <summary>
/// Connections that listeners have accepted and that no relay has fetched yet: at most <see cref="MostWaiting"/> of a
/// listener; one more closes the oldest. Thread-safe.
/// </summary>
internal sealed class AcceptedConnections
{
    public const int MostWaiting = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<(ulong Id, Socket Socket)>> _waiting = new(StringComparer.Ordinal);
    private ulong _lastId;

    /// <summary>Begins a listener. False: there is one of that id.</summary>
    public bool TryBegin(string listenerId)
    {
        lock (_lock)
        {
            return _waiting.TryAdd(listenerId, []);
        }
    }

    /// <summary>Keeps a connection of a listener that has begun and not ended.</summary>
    /// <returns>Its id.</returns>
    public ulong Add(string listenerId, Socket socket)
    {
        lock (_lock)
        {
            var waiting = _waiting[listenerId];
            if (waiting.Count == MostWaiting)
            {
                waiting[0].Socket.Dispose();
                waiting.RemoveAt(0);
            }

            waiting.Add((++_lastId, socket));
            return _lastId;
        }
    }

    /// <summary>Hands a connection over. Null: it is not there any more.</summary>
    public Socket? Take(string listenerId, ulong id)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(listenerId, out var waiting) || waiting.FindIndex(one => one.Id == id) is not (>= 0 and var index))
            {
                return null;
            }

            var socket = waiting[index].Socket;
            waiting.RemoveAt(index);
            return socket;
        }
    }

    /// <summary>Ends a listener and closes its connections; one that has ended already is fine.</summary>
    public void End(string listenerId)
    {
        lock (_lock)
        {
            if (_waiting.Remove(listenerId, out var waiting))
            {
                waiting.ForEach(one => one.Socket.Dispose());
            }
        }
    }
}
