using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Watch;

/// <summary>
/// One watcher's view. State is not queued: a slow watcher gets the newest. Platform events and log lines are, up to a
/// bound; beyond it the oldest go and the watcher is told how many. One reader; disposing unsubscribes.
/// </summary>
internal sealed class SandboxSubscription(Action<SandboxSubscription> unsubscribe, LogFilter? logFilter = null) : IDisposable
{
    private const int MaxQueued = 256;
    private const int MaxQueuedLines = 1024;

    private readonly Lock _lock = new();
    private readonly Queue<SandboxPlatformEvent> _platform = new();
    private readonly Queue<SandboxLogLine> _logs = new();
    private readonly SemaphoreSlim _arrived = new(0, 1);
    private SandboxRecord? _state;
    private ulong _newestVersion;
    private int _dropped;
    private int _droppedLogs;
    private int _logsBeforeState;
    private bool _removed;

    /// <summary>The next event; waits for it.</summary>
    public async Task<SandboxEvent> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake() is { } next)
            {
                return next;
            }

            await _arrived.WaitAsync(cancellationToken);
        }
    }

    public void Post(SandboxRecord state) => Post(() =>
    {
        // Writers publish in any order; an older version never comes after a newer one, not even one that was read already.
        if (state.ResourceVersion > _newestVersion)
        {
            _newestVersion = state.ResourceVersion;
            // A newer state takes the place of the one that waits, so that no log, however busy, holds states back.
            _logsBeforeState = _state is null ? _logs.Count : _logsBeforeState;
            _state = state;
        }
    });

    public void Post(SandboxPlatformEvent platformEvent) => Post(() =>
    {
        _platform.Enqueue(platformEvent);
        if (_platform.Count > MaxQueued)
        {
            _platform.Dequeue();
            _dropped++;
        }
    });

    public void Post(SandboxLogLine line)
    {
        if (logFilter?.Wants(line) == true)
        {
            Post(() =>
            {
                _logs.Enqueue(line);
                if (_logs.Count > MaxQueuedLines)
                {
                    TakeLine();
                    _droppedLogs++;
                }
            });
        }
    }

    public void PostRemoved() => Post(() => _removed = true);

    /// <inheritdoc/>
    public void Dispose() => unsubscribe(this);

    private void Post(Action change)
    {
        lock (_lock)
        {
            change();
            if (_arrived.CurrentCount == 0)
            {
                _arrived.Release();
            }
        }
    }

    private SandboxEvent? TryTake()
    {
        lock (_lock)
        {
            if (_dropped > 0)
            {
                var dropped = new DroppedEvent(_dropped);
                _dropped = 0;
                return dropped;
            }

            if (_platform.TryDequeue(out var platformEvent))
            {
                return new PlatformEventReceived(platformEvent);
            }

            if (_state is { } state && _logsBeforeState == 0)
            {
                _state = null;
                return new StateEvent(state);
            }

            return TryTakeLog() ?? (_removed ? new RemovedEvent() : null);
        }
    }

    private SandboxEvent? TryTakeLog()
    {
        if (_droppedLogs > 0)
        {
            var dropped = new DroppedLogsEvent(_droppedLogs);
            _droppedLogs = 0;
            return dropped;
        }

        return _logs.Count > 0 ? new LogEvent(TakeLine()) : null;
    }

    private SandboxLogLine TakeLine()
    {
        _logsBeforeState = Math.Max(0, _logsBeforeState - 1);
        return _logs.Dequeue();
    }
}
