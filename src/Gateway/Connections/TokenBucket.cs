namespace OpenShell.Gateway.Connections;

/// <summary>
/// So many at once, and so many a second in the long run. What is taken beyond that is a debt, which says how long to
/// wait. Owned by whoever counts; not thread-safe.
/// </summary>
/// <param name="burst">What may be taken at once.</param>
/// <param name="perSecond">What comes back.</param>
/// <param name="now">A timestamp of the clock that all calls use.</param>
internal struct TokenBucket(double burst, double perSecond, long now)
{
    private readonly double _burst = burst;
    private readonly double _perSecond = perSecond;
    private double _level = burst;
    private long _last = now;

    /// <summary>Whether everything that was taken was there.</summary>
    public readonly bool IsEmpty => _level < 0;

    /// <summary>Whether nothing of it is missing.</summary>
    public readonly bool IsFull => _level >= _burst;

    /// <summary>Adds what has come back since the last time.</summary>
    public void Refill(TimeProvider time)
    {
        var now = time.GetTimestamp();
        _level = Math.Min(_burst, _level + (time.GetElapsedTime(_last, now).TotalSeconds * _perSecond));
        _last = now;
    }

    /// <summary>Takes, whether it is there or not.</summary>
    /// <returns>How long until it will have come back; zero if it was there.</returns>
    public TimeSpan Take(double amount, TimeProvider time)
    {
        Refill(time);
        _level -= amount;
        return Debt;
    }

    /// <summary>Takes if it is there.</summary>
    public bool TryTake(double amount, TimeProvider time)
    {
        Refill(time);
        if (_level < amount)
        {
            return false;
        }

        _level -= amount;
        return true;
    }

    /// <summary>How long until the debt will have come back.</summary>
    public readonly TimeSpan Debt => _level < 0 ? TimeSpan.FromSeconds(-_level / _perSecond) : TimeSpan.Zero;
}
