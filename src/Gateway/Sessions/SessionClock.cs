using System.Collections.Concurrent;

namespace OpenShell.Gateway.Sessions;

/// <summary>
/// One clock for the heartbeats of all sessions. A timer each would wake the process for every one of them; ten thousand idle
/// sessions then cost a quarter of a core (docs/performance.md). Ticks come one after another, ten in a heartbeat interval.
/// </summary>
internal sealed class SessionClock(SupervisorSessionOptions options, TimeProvider time) : BackgroundService
{
    private const int TicksPerInterval = 10;

    private readonly PeriodicTimer _timer = new(options.HeartbeatInterval / TicksPerInterval, time);
    private readonly ConcurrentDictionary<object, Action> _checks = new(ReferenceEqualityComparer.Instance);

    /// <summary>Time between two heartbeats of a session.</summary>
    public TimeSpan HeartbeatInterval => options.HeartbeatInterval;

    /// <summary>Sessions that it ticks for.</summary>
    public int Count => _checks.Count;

    /// <summary>Calls <paramref name="check"/> with every tick until the result is disposed. It must neither block nor throw.</summary>
    public IDisposable Add(Action check)
    {
        var registration = new Registration(this);
        _checks[registration] = check;
        return registration;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _timer.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await _timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var (_, check) in _checks)
                {
                    check();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops; so do the sessions.
        }
    }

    private sealed class Registration(SessionClock clock) : IDisposable
    {
        public void Dispose() => clock._checks.TryRemove(this, out _);
    }
}
