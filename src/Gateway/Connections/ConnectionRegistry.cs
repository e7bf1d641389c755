using Microsoft.AspNetCore.Connections;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// Every connection of the HTTP listeners, and the limits on those that have not shown a token and on those of one
/// sandbox. Connections are ended outside of the lock. Thread-safe.
/// </summary>
internal sealed class ConnectionRegistry(ConnectionOptions options, DescriptorBudget descriptors, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly HashSet<PeerConnection> _anonymous = [];
    private readonly HashSet<PeerConnection> _people = [];
    private readonly Dictionary<string, List<PeerConnection>> _sandboxes = [];
    private int _ofSandboxes;

    // Half of the descriptors stay for those that are in, even before they come.
    private int MaxAnonymous => Math.Max(1, Math.Min(options.MaxAnonymous, descriptors.MaxConnections / 2));

    /// <summary>Connections that have not shown a token.</summary>
    public int AnonymousCount
    {
        get
        {
            lock (_lock)
            {
                return _anonymous.Count;
            }
        }
    }

    /// <summary>Connections that have.</summary>
    public int AuthenticatedCount
    {
        get
        {
            lock (_lock)
            {
                return _people.Count + _ofSandboxes;
            }
        }
    }

    /// <summary>Takes a connection in; for it, the one without a token that is idle longest may have to go.</summary>
    /// <returns>False if there is no descriptor to spare, and nobody who could go.</returns>
    public bool TryAdd(ConnectionContext connection)
    {
        var peer = new PeerConnection(connection, this, options, time);
        PeerConnection? evicted = null;
        lock (_lock)
        {
            var full = _anonymous.Count + _people.Count + _ofSandboxes >= descriptors.MaxConnections;
            if (full && _anonymous.Count == 0)
            {
                ConnectionMetrics.Ended(PeerEnd.Descriptors);
                return false;
            }

            if (full || _anonymous.Count >= MaxAnonymous)
            {
                evicted = _anonymous.MinBy(p => p.LastActive)!;
                _anonymous.Remove(evicted);
            }

            _anonymous.Add(peer);
        }

        evicted?.End(PeerEnd.Evicted);
        connection.Features.Set(peer);
        return true;
    }

    /// <summary>A connection has shown a token; it counts among those of its sandbox, or among people's.</summary>
    public void NoteAuthenticated(PeerConnection peer)
    {
        PeerConnection? evicted = null;
        lock (_lock)
        {
            // Not there any more: it was evicted meanwhile.
            if (!_anonymous.Remove(peer))
            {
                return;
            }

            if (peer.SandboxId is not { } sandboxId)
            {
                _people.Add(peer);
                return;
            }

            if (!_sandboxes.TryGetValue(sandboxId, out var own))
            {
                _sandboxes.Add(sandboxId, own = []);
            }

            own.Add(peer);
            _ofSandboxes++;
            if (own.Count > options.MaxPerSandbox)
            {
                evicted = own[0];
                own.RemoveAt(0);
                _ofSandboxes--;
            }
        }

        evicted?.End(PeerEnd.SandboxConnections);
    }

    /// <summary>A connection is over.</summary>
    public void Remove(PeerConnection peer)
    {
        lock (_lock)
        {
            if (_anonymous.Remove(peer) || _people.Remove(peer) || peer.SandboxId is not { } sandboxId
                || !_sandboxes.TryGetValue(sandboxId, out var own) || !own.Remove(peer))
            {
                return;
            }

            _ofSandboxes--;
            if (own.Count == 0)
            {
                _sandboxes.Remove(sandboxId);
            }
        }
    }

    /// <summary>Ends what has been without a token and without a call for too long: first in order, later at once.</summary>
    public void EndIdle()
    {
        List<PeerConnection> idle;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            idle = [.. _anonymous.Where(p => p.LastActive <= now && time.GetElapsedTime(p.LastActive, now) > options.AnonymousIdle)];
        }

        idle.ForEach(p => p.EndIdle());
    }
}
