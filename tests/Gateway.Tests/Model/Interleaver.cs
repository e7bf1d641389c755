namespace OpenShell.Gateway.Model;

/// <summary>
/// Runs asynchronous code one continuation at a time: whatever an await would go on with is queued here, and whoever
/// drives the run chooses which of the queued ones is next. With the same choices the run is the same.
/// </summary>
internal sealed class Interleaver
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<int, Action> _ready = [];
    private int _actors;

    /// <summary>Continuations that could run now.</summary>
    public int Ready
    {
        get
        {
            lock (_lock)
            {
                return _ready.Count;
            }
        }
    }

    /// <summary>The number of the flow that runs now.</summary>
    public static int Current => ((Actor)SynchronizationContext.Current!).Number;

    /// <summary>Whether a flow could go on now.</summary>
    public bool IsReady(int actor)
    {
        lock (_lock)
        {
            return _ready.ContainsKey(actor);
        }
    }

    /// <summary>Starts something that goes on by itself; its first part, up to the first await, runs now.</summary>
    public Task Start(Func<Task> actor)
    {
        Task? running = null;
        RunIn(new Actor(this, _actors++), () => running = actor());
        return running!;
    }

    /// <summary>Runs one continuation.</summary>
    /// <param name="pick">Which: taken modulo their number.</param>
    public void Run(int pick)
    {
        Action next;
        lock (_lock)
        {
            // By actor and not by arrival: several may have been woken at once, by different threads.
            var (actor, continuation) = _ready.ElementAt(pick % _ready.Count);
            _ready.Remove(actor);
            next = continuation;
        }

        next();
    }

    private static void RunIn(Actor actor, Action part)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(actor);
        try
        {
            part();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>One flow of code. It waits for one thing at a time, so it has one continuation at most.</summary>
    private sealed class Actor(Interleaver owner, int number) : SynchronizationContext
    {
        public int Number => number;

        public override void Post(SendOrPostCallback d, object? state)
        {
            lock (owner._lock)
            {
                owner._ready.Add(number, () => RunIn(this, () => d(state)));
            }
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

        public override SynchronizationContext CreateCopy() => this;
    }
}
