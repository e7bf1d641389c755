using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Watch;

/// <summary>
/// Keeps the histories of all sandboxes, in memory, and brings what is new to their watchers. Log lines are kept only for
/// sandboxes that were opened and not removed, so that a late line about a deleted sandbox leaves nothing behind. An event is
/// kept and told in one step: watchers see the order of the history. Thread-safe.
/// </summary>
/// <param name="limits">What is kept; null is the default.</param>
internal sealed class SandboxEventHub(TimeProvider time, LogLimits? limits = null)
{
    private readonly LogLimits _limits = limits ?? new LogLimits();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SandboxHistory> _histories = [];

    // Of sandboxes that have gone, for those who still watch them; what they hold counts.
    private readonly HashSet<SandboxHistory> _removed = [];
    private long _totalBytes;

    /// <summary>Begins to keep the lines of a sandbox that exists; again is fine.</summary>
    public void Open(string sandboxId)
    {
        lock (_lock)
        {
            HistoryOf(sandboxId).IsOpen = true;
        }
    }

    /// <summary>Begins to listen; read the sandbox and its tails after this, so that nothing falls in between.</summary>
    public SandboxSubscription Subscribe(string sandboxId, WatchFilter filter)
    {
        lock (_lock)
        {
            var history = HistoryOf(sandboxId);
            var subscription = new SandboxSubscription(history, filter, _lock, s => Unsubscribe(sandboxId, s));
            history.Subscribers.Add(subscription);
            return subscription;
        }
    }

    /// <summary>The newest log lines of a sandbox that a filter wants.</summary>
    public LogTail Tail(string sandboxId, LogFilter filter, int count)
    {
        lock (_lock)
        {
            return _histories.TryGetValue(sandboxId, out var history) ? history.Tail(filter, count) : new LogTail([], 0);
        }
    }

    /// <summary>How fast a sandbox may push; null if it is not open.</summary>
    public LogIntake? Intake(string sandboxId)
    {
        lock (_lock)
        {
            return _histories.TryGetValue(sandboxId, out var history) && history.IsOpen ? history.Intake : null;
        }
    }

    public void PublishState(SandboxRecord record)
    {
        lock (_lock)
        {
            if (_histories.TryGetValue(record.Id, out var history))
            {
                foreach (var subscriber in history.Subscribers)
                {
                    subscriber.Post(record);
                    subscriber.Wake();
                }
            }
        }
    }

    public void PublishPlatform(string sandboxId, SandboxPlatformEvent platformEvent)
    {
        lock (_lock)
        {
            Change(HistoryOf(sandboxId), h => h.Add(platformEvent));
        }
    }

    /// <summary>Keeps a log line and tells it.</summary>
    /// <returns>False if no log is kept for the sandbox: it does not exist (any more).</returns>
    public bool PublishLog(string sandboxId, SandboxLogLine line)
    {
        lock (_lock)
        {
            if (!_histories.TryGetValue(sandboxId, out var history) || !history.IsOpen)
            {
                return false;
            }

            Change(history, h => h.Add(line));
            return true;
        }
    }

    /// <summary>Drops the history of a sandbox that has gone; who watches it hears what it has not read, and then the end.</summary>
    public void PublishRemoved(string sandboxId)
    {
        lock (_lock)
        {
            if (!_histories.Remove(sandboxId, out var history))
            {
                return;
            }

            history.IsRemoved = true;
            if (history.Subscribers.Count == 0)
            {
                _totalBytes -= history.Bytes;
                return;
            }

            _removed.Add(history);
            Wake(history);
        }
    }

    private void Change(SandboxHistory history, Action<SandboxHistory> add)
    {
        var before = history.Bytes;
        add(history);
        history.Trim(_limits, Math.Min(_limits.MaxBytes, Share()));
        _totalBytes += history.Bytes - before;
        if (_totalBytes > _limits.MaxTotalBytes)
        {
            ShareOut();
        }

        Wake(history);
    }

    private static void Wake(SandboxHistory history)
    {
        foreach (var subscriber in history.Subscribers)
        {
            subscriber.Wake();
        }
    }

    private SandboxHistory HistoryOf(string sandboxId)
    {
        if (!_histories.TryGetValue(sandboxId, out var history))
        {
            _histories.Add(sandboxId, history = new SandboxHistory(WatchCursor.NewSpace(time)));
        }

        return history;
    }

    private void Unsubscribe(string sandboxId, SandboxSubscription subscription)
    {
        var history = subscription.History;
        lock (_lock)
        {
            if (!history.Subscribers.Remove(subscription))
            {
                return;
            }

            if (!history.IsRemoved && history.IsUnused)
            {
                _histories.Remove(sandboxId);
            }
            else if (history.Subscribers.Count == 0 && _removed.Remove(history))
            {
                _totalBytes -= history.Bytes;
            }
        }
    }

    private long Share() => _limits.MaxTotalBytes / Math.Max(1, _histories.Count + _removed.Count);

    // Somebody has more than a share, from the time when there were fewer sandboxes. To a little less than the share, so
    // that the next sandbox does not make everybody move again.
    private void ShareOut()
    {
        var share = Share() * 3 / 4;
        _totalBytes = 0;
        foreach (var history in _histories.Values.Concat(_removed))
        {
            history.Trim(_limits, share);
            _totalBytes += history.Bytes;
        }
    }
}
