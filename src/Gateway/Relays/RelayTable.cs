using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Relays;

/// <summary>
/// Every relay from the moment it takes a slot until its stream is over, and the limits on them. A channel moves from
/// pending to active, or out, in one step under one lock: a claim, a reap and a caller who gives up cannot all win.
/// Thread-safe.
/// </summary>
internal sealed class RelayTable(RelayOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PendingRelay> _pending = [];
    private readonly Dictionary<string, ActiveRelay> _active = [];
    private readonly Dictionary<string, (int Pending, int Active)> _perSandbox = [];

    public int PendingCount
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count;
            }
        }
    }

    public int ActiveCount
    {
        get
        {
            lock (_lock)
            {
                return _active.Count;
            }
        }
    }

    /// <summary>Takes a slot.</summary>
    /// <returns>The failure to tell the caller if a limit is reached.</returns>
    public Failure? TryAdd(PendingRelay relay)
    {
        lock (_lock)
        {
            var (pending, active) = _perSandbox.GetValueOrDefault(relay.SandboxId);
            var exceeded = this switch
            {
                _ when _pending.Count >= options.MaxPending =>
                    $"gateway relay capacity reached ({options.MaxPending} in flight; {RelayOptions.MaxPendingOption})",
                _ when pending >= options.MaxPendingPerSandbox =>
                    $"per-sandbox relay limit reached ({options.MaxPendingPerSandbox} in flight for {relay.SandboxId}; "
                    + $"{RelayOptions.MaxPendingPerSandboxOption})",
                _ when _active.Count >= options.MaxActive =>
                    $"gateway relay capacity reached ({options.MaxActive} active; {RelayOptions.MaxActiveOption})",
                _ when active >= options.MaxActivePerSandbox =>
                    $"per-sandbox relay limit reached ({options.MaxActivePerSandbox} active for {relay.SandboxId}; "
                    + $"{RelayOptions.MaxActivePerSandboxOption})",
                _ => null,
            };
            if (exceeded is not null)
            {
                return new Failure(FailureKind.ResourceExhausted, exceeded);
            }

            _pending.Add(relay.ChannelId, relay);
            _perSandbox[relay.SandboxId] = (pending + 1, active);
            return null;
        }
    }

    /// <summary>Gives a pending slot back; false if the relay was claimed or removed already.</summary>
    public bool RemovePending(PendingRelay relay)
    {
        lock (_lock)
        {
            if (!_pending.Remove(relay.ChannelId))
            {
                return false;
            }

            Count(relay.SandboxId, pending: -1, active: 0);
            return true;
        }
    }

    /// <summary>Turns a pending relay of this sandbox into an active one. Good once.</summary>
    public ClaimResult Claim(string channelId, string sandboxId)
    {
        lock (_lock)
        {
            if (!_pending.TryGetValue(channelId, out var pending))
            {
                return new ClaimResult(ClaimOutcome.Unknown, null, null);
            }

            if (pending.SandboxId != sandboxId)
            {
                return new ClaimResult(ClaimOutcome.WrongSandbox, null, null);
            }

            _pending.Remove(channelId);
            var full = _active.Count >= options.MaxActive || _perSandbox[sandboxId].Active >= options.MaxActivePerSandbox;
            if (full || time.GetElapsedTime(pending.RequestedAt) > options.ClaimTimeout)
            {
                Count(sandboxId, pending: -1, active: 0);
                return new ClaimResult(full ? ClaimOutcome.LimitReached : ClaimOutcome.Expired, pending, null);
            }

            var active = new ActiveRelay(pending, time.GetTimestamp());
            _active.Add(channelId, active);
            Count(sandboxId, pending: -1, active: +1);
            return new ClaimResult(ClaimOutcome.Claimed, pending, active);
        }
    }

    /// <summary>Takes an active relay out when its stream is over.</summary>
    public void RemoveActive(ActiveRelay relay)
    {
        lock (_lock)
        {
            if (_active.Remove(relay.ChannelId))
            {
                Count(relay.SandboxId, pending: 0, active: -1);
            }
        }
    }

    /// <summary>Finds a pending relay of this sandbox, for a negative answer.</summary>
    public PendingRelay? FindPending(string channelId, string sandboxId)
    {
        lock (_lock)
        {
            return _pending.TryGetValue(channelId, out var relay) && relay.SandboxId == sandboxId ? relay : null;
        }
    }

    /// <summary>Finds an active relay of this sandbox.</summary>
    public ActiveRelay? FindActive(string channelId, string sandboxId)
    {
        lock (_lock)
        {
            return _active.TryGetValue(channelId, out var relay) && relay.SandboxId == sandboxId ? relay : null;
        }
    }

    /// <summary>The pending relays of a sandbox; null is every sandbox.</summary>
    public IReadOnlyList<PendingRelay> ListPending(string? sandboxId)
    {
        lock (_lock)
        {
            return [.. _pending.Values.Where(r => sandboxId is null || r.SandboxId == sandboxId)];
        }
    }

    /// <summary>The active relays of a sandbox; null is every sandbox.</summary>
    public IReadOnlyList<ActiveRelay> ListActive(string? sandboxId)
    {
        lock (_lock)
        {
            return [.. _active.Values.Where(r => sandboxId is null || r.SandboxId == sandboxId)];
        }
    }

    private void Count(string sandboxId, int pending, int active)
    {
        var (oldPending, oldActive) = _perSandbox.GetValueOrDefault(sandboxId);
        if (oldPending + pending == 0 && oldActive + active == 0)
        {
            _perSandbox.Remove(sandboxId);
        }
        else
        {
            _perSandbox[sandboxId] = (oldPending + pending, oldActive + active);
        }
    }
}
