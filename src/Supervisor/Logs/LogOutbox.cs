using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Supervisor.Logs;

/// <summary>
/// Lines that wait for the gateway, bounded in number and bytes: when it is full the oldest go, and the batch that
/// comes next begins with a line that says how many. What the main process wrote goes first where it has more than half of
/// the room, so that it pushes out nothing about the sandbox. Any thread adds, one takes.
/// </summary>
internal sealed class LogOutbox(TimeProvider time)
{
    private const int MaxLines = 1024;

    // The whole supervisor is to stay below 12 MB.
    private const int MaxBytes = 256 * 1024;
    private const int MaxMessage = 4 * 1024;
    private const string Target = "supervisor";

    private readonly Lock _lock = new();
    private readonly Queue<(long Number, LogLine Line)> _lines = new();
    private readonly Queue<(long Number, LogLine Line)> _main = new();
    private TaskCompletionSource _resumed = NewSignal();
    private TaskCompletionSource? _filled;
    private int _awaited;
    private int _bytes;
    private int _mainBytes;
    private int _dropped;

    // All lines ever added, and those of them that are delivered or dropped, in their order.
    private long _added;
    private long _done;
    private long _hurried;
    private TaskCompletionSource? _delivered;

    /// <summary>Completes when the next session is accepted: take it before the attempt that may fail.</summary>
    public Task Resumed => Volatile.Read(ref _resumed).Task;

    /// <summary>A session was accepted: a pusher that the gateway told to stop may try again.</summary>
    public void Resume() => Interlocked.Exchange(ref _resumed, NewSignal()).TrySetResult();

    public void Add(string level, string message) => Add(Line(level, Target, message, []));

    public void Add(NetworkActivity activity) =>
        Add(Line(LogLevels.Ocsf, NetworkActivity.LineTarget, activity.Message, activity.Fields()));

    /// <summary>A line of now, harmless and within the bound; not yet added.</summary>
    public LogLine NewLine(string source, string level, string target, string message) =>
        new(time.GetUtcNow().ToUnixTimeMilliseconds(), source, level, target, HarmlessText.Line(message, MaxMessage), []);

    public void Add(LogLine line)
    {
        TaskCompletionSource? filled = null;
        lock (_lock)
        {
            (line.Source == LogSources.Main ? _main : _lines).Enqueue((_added++, line));
            Count(line, +1);
            while (Waiting > MaxLines || _bytes > MaxBytes)
            {
                _ = Dequeue(_main.Count > MaxLines / 2 || _mainBytes > MaxBytes / 2);
                _dropped++;
                _done++;
            }

            if (Waiting >= _awaited)
            {
                (filled, _filled) = (_filled, null);
            }
        }

        filled?.TrySetResult();
    }

    /// <summary>Completes when at least so many lines wait. One waiter at a time.</summary>
    public Task WhenFilledAsync(int lines)
    {
        lock (_lock)
        {
            if (Waiting >= lines || (Waiting > 0 && _done < _hurried))
            {
                return Task.CompletedTask;
            }

            _awaited = lines;
            _filled = NewSignal();
            return _filled.Task;
        }
    }

    /// <summary>
    /// Completes when every line that was added before has reached the gateway, or was dropped; nothing waits for its
    /// batch until then. One waiter at a time.
    /// </summary>
    public Task DeliverAsync()
    {
        TaskCompletionSource? filled;
        Task delivered;
        lock (_lock)
        {
            if (_done >= _added)
            {
                return Task.CompletedTask;
            }

            _hurried = _added;
            _delivered = NewSignal();
            delivered = _delivered.Task;
            (filled, _filled) = (_filled, null);
        }

        filled?.TrySetResult();
        return delivered;
    }

    /// <summary>So many lines that were taken are with the gateway.</summary>
    public void Acknowledge(int lines)
    {
        TaskCompletionSource? delivered = null;
        lock (_lock)
        {
            _done += lines;
            if (_done >= _hurried)
            {
                (delivered, _delivered) = (_delivered, null);
            }
        }

        delivered?.TrySetResult();
    }

    /// <summary>Takes the oldest lines out: they are the caller's to deliver.</summary>
    public LogLine[] Take(int count)
    {
        lock (_lock)
        {
            var taken = new List<LogLine>(Math.Min(count, Waiting + 1));
            if (_dropped > 0)
            {
                _added++;
                taken.Add(Line(LogLevels.Warn, Target, $"{_dropped} log lines were dropped: they could not be sent in time", []));
                _dropped = 0;
            }

            while (taken.Count < count && Waiting > 0)
            {
                taken.Add(Dequeue(preferMain: false));
            }

            return [.. taken];
        }
    }

    private int Waiting => _lines.Count + _main.Count;

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The oldest of all, or of the main process.
    private LogLine Dequeue(bool preferMain)
    {
        var fromMain = _lines.Count == 0 || (_main.Count > 0 && (preferMain || _main.Peek().Number < _lines.Peek().Number));
        var (_, line) = (fromMain ? _main : _lines).Dequeue();
        Count(line, -1);
        return line;
    }

    private void Count(LogLine line, int sign)
    {
        _bytes += sign * line.Bytes;
        _mainBytes += line.Source == LogSources.Main ? sign * line.Bytes : 0;
    }

    private LogLine Line(string level, string target, string message, KeyValuePair<string, string>[] fields) =>
        NewLine(LogSources.Sandbox, level, target, message) with { Fields = fields };
}
