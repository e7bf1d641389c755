namespace OpenShell.Supervisor.MainProcess;

/// <summary>A size of a terminal; 0 leaves it to the terminal.</summary>
internal readonly record struct WindowSize(uint Columns, uint Rows);

/// <summary>
/// The clients that are attached to the main process. Its creator may have said that he will be one: the start of a process
/// on a terminal then waits for him, whose window gives the terminal its first size, and the end of the process is not final
/// before he has come and gone. Both waits are bounded. Thread-safe.
/// </summary>
/// <param name="awaited">The creator has said that he will attach.</param>
internal sealed class MainProcessClients(bool awaited, TimeProvider time)
{
    /// <summary>
    /// From the supervisor's start, for the creator's attachment. He attaches as soon as he sees the sandbox Ready; more than
    /// a minute after that he is not coming.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>From the end of the process, for its clients to take what it wrote.</summary>
    public static readonly TimeSpan LongestDrain = TimeSpan.FromSeconds(30);

    private readonly long _since = time.GetTimestamp();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<WindowSize> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _allGone;
    private int _count;

    /// <summary>A client has come; it has gone when the result is disposed.</summary>
    /// <param name="readOnly">One that only looks is not the one that is waited for.</param>
    public IDisposable Enter(WindowSize size, bool readOnly)
    {
        lock (_lock)
        {
            _count++;
        }

        if (!readOnly)
        {
            _first.TrySetResult(size);
        }

        return new Client(this);
    }

    /// <summary>Waits for the creator, if he is awaited. Zeroes: he has not come, or is not awaited.</summary>
    public async Task<WindowSize> FirstAsync(CancellationToken cancellationToken)
    {
        var left = awaited ? LongestWait - time.GetElapsedTime(_since) : TimeSpan.Zero;
        if (left <= TimeSpan.Zero)
        {
            return default;
        }

        try
        {
            return await _first.Task.WaitAsync(left, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return default;
        }
    }

    /// <summary>Waits, after the end of the process, until the creator has come and everybody who was there has gone; or not longer.</summary>
    public async Task DrainedAsync(CancellationToken cancellationToken)
    {
        await FirstAsync(cancellationToken);
        Task gone;
        lock (_lock)
        {
            if (_count == 0)
            {
                return;
            }

            _allGone ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            gone = _allGone.Task;
        }

        try
        {
            await gone.WaitAsync(LongestDrain, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // One that does not read keeps nobody else waiting.
        }
    }

    private void Leave()
    {
        TaskCompletionSource? allGone;
        lock (_lock)
        {
            if (--_count > 0)
            {
                return;
            }

            (allGone, _allGone) = (_allGone, null);
        }

        allGone?.SetResult();
    }

    private sealed class Client(MainProcessClients clients) : IDisposable
    {
        private int _gone;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _gone, 1) == 0)
            {
                clients.Leave();
            }
        }
    }
}
