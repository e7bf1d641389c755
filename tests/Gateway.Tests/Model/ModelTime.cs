using OpenShell.TestKit;

namespace OpenShell.Gateway.Model;

/// <summary>A clock that says when it is looked at: the places in synchronous code where something else may happen.</summary>
internal sealed class ModelTime : TimeProvider
{
    private readonly ManualTimeProvider _clock = new();
    private int _timers;

    /// <summary>Somebody is about to look at the clock or has set a timer.</summary>
    public Action? Looked { get; set; }

    /// <summary>The timer that was set last, by whoever waits; null says that nobody did since.</summary>
    public Action<ModelTimer>? TimerSet { get; set; }

    /// <summary>Timers that were set and not disposed.</summary>
    public int Timers => Volatile.Read(ref _timers);

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override long GetTimestamp()
    {
        Looked?.Invoke();
        return _clock.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _timers);
        var timer = new ModelTimer(_clock.CreateTimer(callback, state, dueTime, period), dueTime, () => Interlocked.Decrement(ref _timers));
        TimerSet?.Invoke(timer);
        Looked?.Invoke();
        return timer;
    }

    public void Advance(TimeSpan by) => _clock.Advance(by);

    /// <summary>A timer that knows whether it is still wanted.</summary>
    internal sealed class ModelTimer(ITimer inner, TimeSpan dueTime, Action gone) : ITimer
    {
        private int _disposed;

        public TimeSpan DueTime => dueTime;

        public bool IsSet => Volatile.Read(ref _disposed) == 0;

        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                inner.Dispose();
                gone();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
