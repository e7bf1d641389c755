namespace OpenShell.TestKit;

/// <summary>
/// A clock that stands until a test moves it. Timers fire inside <see cref="Advance"/>, in order. Timestamps and timers
/// go on steadily; the wall clock shows the same time until <see cref="JumpWallClock"/> sets it. Thread-safe.
/// </summary>
public sealed class ManualTimeProvider : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _wallOffset;
    private int _timestamps;

    /// <summary>Timers do not fire while this is set, as on a machine that is too busy; they do with the next advance.</summary>
    public bool HoldTimers { get; set; }

    /// <summary>Called with the number of the timestamp that is about to be taken; for races at such a place.</summary>
    public Action<int>? OnTimestamp { get; set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>The timers that wait to fire.</summary>
    public int ActiveTimers
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now + _wallOffset;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        OnTimestamp?.Invoke(Interlocked.Increment(ref _timestamps));
        lock (_lock)
        {
            return _now.UtcTicks;
        }
    }

    /// <summary>Sets the wall clock forwards or back; timestamps and timers do not notice.</summary>
    public void JumpWallClock(TimeSpan by)
    {
        lock (_lock)
        {
            _wallOffset += by;
        }
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and fires what becomes due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset end;
        lock (_lock)
        {
            end = _now + by;
        }

        while (true)
        {
            ManualTimer? next;
            lock (_lock)
            {
                next = HoldTimers ? null : _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = next?.Due > _now ? next.Due : next is null ? end : _now;
                next?.Rearm(_timers);
            }

            if (next is null)
            {
                return;
            }

            next.Fire();
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._lock)
            {
                owner._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = owner._now + dueTime;
                    owner._timers.Add(this);
                }

                return true;
            }
        }

        // Under the owner's lock.
        public void Rearm(List<ManualTimer> timers)
        {
            if (_period > TimeSpan.Zero)
            {
                Due += _period;
            }
            else
            {
                timers.Remove(this);
            }
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (owner._lock)
            {
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
