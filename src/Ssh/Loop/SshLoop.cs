using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Loop;

/// <summary>
/// One thread for all connections of a server; libssh is called on it and nowhere else. Asynchronous code that begins on
/// it comes back to it after every await, as in a user interface.
/// </summary>
internal sealed class SshLoop : SynchronizationContext, IAsyncDisposable
{
    private const int EventsPerWait = 64;
    private const ulong WakeKey = 0;

    // libssh keeps small things on the stack, the handshake included.
    private const int StackBytes = 512 * 1024;

    private readonly int _epoll = Libc.CreateEpoll();
    private readonly SafeDescriptor _wake = Libc.CreateEventCounter();
    private readonly ConcurrentQueue<(Delegate Callback, object? State)> _posted = new();
    private readonly Dictionary<ulong, ILoopDescriptor> _polled = [];
    private readonly HashSet<ILoopDescriptor> _touched = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<Exception> _onDefect;
    private readonly Thread _thread;
    private ulong _lastKey = WakeKey;
    private int _wakeRequested;
    private bool _stopped;

    /// <param name="name">Of the thread.</param>
    /// <param name="onDefect">Told of exceptions that nobody expected; the loop goes on.</param>
    public SshLoop(string name, Action<Exception> onDefect)
    {
        _onDefect = onDefect;
        Libc.Control(_epoll, Libc.EpollAdd, _wake.Number, Libc.PollIn, WakeKey);
        Scheduler = new LoopScheduler(this);
        _thread = new Thread(Run, StackBytes) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>For the loop's side of a pipe.</summary>
    public LoopScheduler Scheduler { get; }

    /// <summary>Runs something on the loop's thread, soon. After the end it is dropped.</summary>
    public void Enqueue(Action<object?> action, object? state) => Append(action, state);

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => Append(d, state);

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits for the loop.");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs an asynchronous function on the loop's thread.</summary>
    public Task RunAsync(Func<Task> function)
    {
        var done = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(_ => done.SetResult(function()), null);
        return done.Task.Unwrap();
    }

    /// <summary>Begins to poll a descriptor for input. On the loop's thread.</summary>
    /// <returns>A key for it. 0: the kernel does not poll it.</returns>
    public ulong Add(ILoopDescriptor owner, int descriptor)
    {
        var key = ++_lastKey;
        if (!Libc.Control(_epoll, Libc.EpollAdd, descriptor, Libc.PollIn, key))
        {
            return 0;
        }

        _polled[key] = owner;
        return key;
    }

    /// <summary>On the loop's thread.</summary>
    public void Change(ulong key, int descriptor, uint events) => Libc.Control(_epoll, Libc.EpollModify, descriptor, events, key);

    /// <summary>Before the descriptor is closed; on the loop's thread.</summary>
    public void Remove(ulong key, int descriptor)
    {
        if (_polled.Remove(key, out var owner))
        {
            _touched.Remove(owner);
            Libc.Control(_epoll, Libc.EpollRemove, descriptor, 0, key);
        }
    }

    /// <summary>
    /// Gives a connection a turn before the loop waits again: any call of libssh may have read from the socket. On the
    /// loop's thread.
    /// </summary>
    public void Touch(ILoopDescriptor owner) => _touched.Add(owner);

    /// <summary>Ends the thread. Nothing may be polled any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Enqueue(_ => _stopped = true, null);
        await _ended.Task.ConfigureAwait(false);
    }

    private void Append(Delegate callback, object? state)
    {
        _posted.Enqueue((callback, state));
        if (Interlocked.Exchange(ref _wakeRequested, 1) == 0 && Thread.CurrentThread != _thread)
        {
            Libc.Increment(_wake);
        }
    }

    private void Run()
    {
        SetSynchronizationContext(this);
        Span<Libc.PollEvent> events = stackalloc Libc.PollEvent[EventsPerWait];
        List<ILoopDescriptor> turns = [];
        while (!_stopped)
        {
            var count = Libc.Wait(_epoll, events, block: _touched.Count == 0 && _posted.IsEmpty);
            foreach (ref readonly var ready in events[..count])
            {
                if (ready.Data == WakeKey)
                {
                    Libc.Reset(_wake);
                }
                else if (_polled.TryGetValue(ready.Data, out var owner))
                {
                    _touched.Add(owner);
                }
            }

            // Before the queue is looked at: what is posted from here on writes the counter again.
            Interlocked.Exchange(ref _wakeRequested, 0);
            RunPosted();
            turns.AddRange(_touched);
            _touched.Clear();
            turns.ForEach(owner => Guard(static owner => ((ILoopDescriptor)owner!).Turn(), owner, owner));
            turns.Clear();
        }

        _wake.Dispose();
        _ = Libc.Close(_epoll);
        _ended.SetResult();
    }

    // Only as many as were there: whoever posts again and again must not keep the sockets waiting.
    private void RunPosted()
    {
        for (var rest = _posted.Count; rest > 0 && _posted.TryDequeue(out var posted); rest--)
        {
            Guard(posted.Callback as Action<object?> ?? new Action<object?>((SendOrPostCallback)posted.Callback), posted.State, null);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "One thread serves everybody: a defect that one connection meets must not end the others, nor the process, which may be PID 1.")]
    private void Guard(Action<object?> run, object? state, ILoopDescriptor? owner)
    {
        try
        {
            run(state);
        }
        catch (Exception e)
        {
            _onDefect(e);
            if (owner is not null)
            {
                Guard(static owner => ((ILoopDescriptor)owner!).Dispose(), owner, null);
            }
        }
    }
}
