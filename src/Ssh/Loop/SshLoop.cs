using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using OpenShell.Linux;
using OpenShell.Linux.Descriptors;

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

    private readonly Epoll _epoll = new();
    private readonly EventCounter _wake = new();
    private readonly ConcurrentQueue<(Delegate Callback, object? State)> _posted = new();
    private readonly Dictionary<ulong, ILoopDescriptor> _polled = [];
    private readonly HashSet<ILoopDescriptor> _scheduled = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<Exception> _onDefect;
    private readonly Thread _thread;
    private ulong _lastKey = WakeKey;
    private int _wakeRequested;
    private bool _stopped;

    /// <param name="onDefect">Told of unexpected exceptions; the loop goes on.</param>
    public SshLoop(string name, Action<Exception> onDefect)
    {
        _onDefect = onDefect;
        if (_epoll.TryAdd(_wake.Descriptor, Epoll.In, WakeKey) is not 0 and var error)
        {
            throw new IOException($"epoll: {Errno.Text(error)}");
        }

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
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("No thread may block on the loop.");

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
    public ulong Add(ILoopDescriptor owner, FileDescriptor descriptor)
    {
        var key = ++_lastKey;
        if (_epoll.TryAdd(descriptor, Epoll.In, key) != 0)
        {
            return 0;
        }

        _polled[key] = owner;
        return key;
    }

    /// <summary>On the loop's thread.</summary>
    public void Change(ulong key, FileDescriptor descriptor, uint events) => _ = _epoll.TryModify(descriptor, events, key);

    /// <summary>Before the descriptor is closed; on the loop's thread.</summary>
    public void Remove(ulong key, FileDescriptor descriptor)
    {
        if (_polled.Remove(key, out var owner))
        {
            _scheduled.Remove(owner);
            _epoll.Remove(descriptor);
        }
    }

    /// <summary>
    /// Gives a connection a turn before the loop waits again: any call of libssh may have read from the socket. On the
    /// loop's thread.
    /// </summary>
    public void ScheduleTurn(ILoopDescriptor owner) => _scheduled.Add(owner);

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
            _wake.Increment();
        }
    }

    private void Run()
    {
        SetSynchronizationContext(this);
        Span<Epoll.ReadyEvent> events = stackalloc Epoll.ReadyEvent[EventsPerWait];
        List<ILoopDescriptor> turns = [];
        while (!_stopped)
        {
            var count = _epoll.Wait(events, block: _scheduled.Count == 0 && _posted.IsEmpty);
            foreach (ref readonly var ready in events[..count])
            {
                if (ready.Data == WakeKey)
                {
                    _wake.Reset();
                }
                else if (_polled.TryGetValue(ready.Data, out var owner))
                {
                    _scheduled.Add(owner);
                }
            }

            // Before the queue is looked at: what is posted from here on writes the counter again.
            Interlocked.Exchange(ref _wakeRequested, 0);
            RunPosted();
            turns.AddRange(_scheduled);
            _scheduled.Clear();
            turns.ForEach(owner => Guard(static owner => ((ILoopDescriptor)owner!).RunTurn(), owner, owner));
            turns.Clear();
        }

        _wake.Dispose();
        _epoll.Dispose();
        _ended.SetResult();
    }

    // Only as many as were there: a callback that posts again must not keep the sockets waiting.
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

/// <summary>Has the loop's side of a pipe go on on the loop's thread.</summary>
internal sealed class LoopScheduler(SshLoop loop) : PipeScheduler
{
    /// <inheritdoc/>
    public override void Schedule(Action<object?> action, object? state) => loop.Enqueue(action, state);
}
