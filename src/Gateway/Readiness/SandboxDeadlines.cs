using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

/// <summary>
/// When each sandbox is to be looked at because of time. In memory only, in step with the rows: every one that is written is
/// noted here, and all of them when the gateway starts. Times are wall times, as in the rows. Thread-safe.
/// </summary>
internal sealed class SandboxDeadlines(SandboxLife life, TimeProvider time)
{
    // A wall clock may be set forward: what is due then is noticed as late as this.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _due = new(StringComparer.Ordinal);
    private readonly SortedSet<(DateTimeOffset Due, string Id)> _order = [];
    private TaskCompletionSource _earlier = New();

    /// <summary>A row was written, or read at the start.</summary>
    public void Note(SandboxRecord record) => Set(record.Id, life.Due(record));

    /// <summary>A row was removed.</summary>
    public void Remove(string sandboxId) => Set(sandboxId, null);

    /// <summary>Looks at it again later, whatever its row says.</summary>
    public void Postpone(string sandboxId, TimeSpan wait) => Set(sandboxId, life.Now + wait);

    /// <summary>Waits until something is due, and takes it out.</summary>
    public async Task<string> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task earlier;
            TimeSpan wait;
            lock (_lock)
            {
                var now = life.Now;
                if (_order.Count > 0 && _order.Min.Due <= now)
                {
                    var id = _order.Min.Id;
                    _order.Remove(_order.Min);
                    _due.Remove(id);
                    return id;
                }

                earlier = _earlier.Task;
                wait = _order.Count == 0 ? LongestWait : _order.Min.Due - now;
            }

            try
            {
                await earlier.WaitAsync(wait < LongestWait ? wait : LongestWait, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                // Looks again.
            }
        }
    }

    private void Set(string sandboxId, DateTimeOffset? due)
    {
        TaskCompletionSource earlier;
        lock (_lock)
        {
            if (_due.Remove(sandboxId, out var old))
            {
                _order.Remove((old, sandboxId));
            }

            if (due is not { } at)
            {
                return;
            }

            _due[sandboxId] = at;
            _order.Add((at, sandboxId));
            if (_order.Min.Id != sandboxId)
            {
                return;
            }

            (earlier, _earlier) = (_earlier, New());
        }

        earlier.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
