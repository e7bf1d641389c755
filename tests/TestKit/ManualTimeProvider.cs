using Microsoft.Extensions.Time.Testing;

namespace OpenShell.TestKit;

/// <summary>
/// A clock that stands until a test moves it: the field's fake, and what races need besides. A hook where a timestamp is
/// taken, timers that are held back, and a wall clock that jumps while timestamps and timers go on steadily. Thread-safe.
/// </summary>
public sealed class ManualTimeProvider() : FakeTimeProvider(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _lock = new();
    private readonly List<Action> _held = [];
    private TimeSpan _wallOffset;
    private int _timestamps;
    private int _activeTimers;

    /// <summary>Timers do not fire while this is set, as on a machine that is too busy; they do with the next advance.</summary>
    public bool HoldTimers { get; set; }

    /// <summary>Called with the number of the timestamp that is about to be taken; for races at such a place.</summary>
    public Action<int>? OnTimestamp { get; set; }

    /// <summary>The timers that wait to fire.</summary>
    public int ActiveTimers => Volatile.Read(ref _activeTimers);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return base.GetUtcNow() + _wallOffset;
        }
    }

    /// <inheritdoc/>
    public override long GetTimestamp()
    {
        OnTimestamp?.Invoke(Interlocked.Increment(ref _timestamps));
        // Not the base's timestamp: it follows GetUtcNow, and with it a wall clock that jumps.
        return base.GetUtcNow().UtcTicks;
    }

    /// <summary>Sets the wall clock forwards or back; timestamps and timers do not notice.</summary>
    public void JumpWallClock(TimeSpan by)
    {
        lock (_lock)
        {
            _wallOffset += by;
        }
    }

    /// <summary>Moves the clock and fires what becomes due on the way.</summary>
    public new void Advance(TimeSpan by)
    {
        if (!HoldTimers)
        {
            Action[] late;
            lock (_lock)
            {
                late = [.. _held];
                _held.Clear();
            }

            Array.ForEach(late, fire => fire());
        }

        base.Advance(by);
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Start(base.CreateTimer(static timer => ((Timer)timer!).Fire(), timer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), dueTime, period);
        return timer;
    }

    private sealed class Timer(ManualTimeProvider owner, TimerCallback callback, object? state) : ITimer
    {
        private ITimer? _inner;
        private bool _periodic;
        private int _armed;

        public void Start(ITimer inner, TimeSpan dueTime, TimeSpan period)
        {
            _inner = inner;
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _periodic = period > TimeSpan.Zero;
            Arm(dueTime != Timeout.InfiniteTimeSpan);
            return _inner!.Change(dueTime, period);
        }

        public void Fire()
        {
            if (owner.HoldTimers)
            {
                lock (owner._lock)
                {
                    owner._held.Add(Fire);
                }

                return;
            }

            Arm(_periodic);
            callback(state);
        }

        public void Dispose()
        {
            Arm(false);
            _inner!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(bool armed)
        {
            if (Interlocked.Exchange(ref _armed, armed ? 1 : 0) != (armed ? 1 : 0))
            {
                Interlocked.Add(ref owner._activeTimers, armed ? 1 : -1);
            }
        }
    }
}
