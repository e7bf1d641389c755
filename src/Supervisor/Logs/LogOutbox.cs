using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Supervisor.Logs;

/// <summary>
/// Lines that wait for the gateway, bounded in number and bytes: when it is full the oldest go, and the batch that
/// comes next begins with a line that says how many. Any thread adds, one takes.
/// </summary>
internal sealed class LogOutbox(TimeProvider time)
{
    private const int MaxLines = 1024;

    // The whole supervisor is to stay below 12 MB.
    private const int MaxBytes = 256 * 1024;
    private const int MaxMessage = 4 * 1024;
    private const string Target = "supervisor";

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private TaskCompletionSource _resumed = NewSignal();
    private TaskCompletionSource? _filled;
    private int _awaited;
    private int _bytes;
    private int _dropped;

    // All lines ever added, and those of them that need nobody's care any more, in their order.
    private long _added;
    private long _done;
    private long _hurried;
    private TaskCompletionSource? _delivered;

    /// <summary>Completes when the next session is accepted: take it before the attempt that may fail.</summary>
    public Task Resumed => Volatile.Read(ref _resumed).Task;

    /// <summary>A session was accepted: whoever was told to stop pushing may try again.</summary>
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
        lock (_gate)
        {
            _lines.Enqueue(line);
            _added++;
            _bytes += line.Bytes;
            while (_lines.Count > MaxLines || _bytes > MaxBytes)
            {
                _bytes -= _lines.Dequeue().Bytes;
                _dropped++;
                _done++;
            }

            if (_lines.Count >= _awaited)
            {
                (filled, _filled) = (_filled, null);
            }
        }

        filled?.TrySetResult();
    }

    /// <summary>Completes when at least so many lines wait. One waiter at a time.</summary>
    public Task WhenFilledAsync(int lines)
    {
        lock (_gate)
        {
            if (_lines.Count >= lines || (_lines.Count > 0 && _done < _hurried))
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
        lock (_gate)
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
        lock (_gate)
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
        lock (_gate)
        {
            var taken = new List<LogLine>(Math.Min(count, _lines.Count + 1));
            if (_dropped > 0)
            {
                _added++;
                taken.Add(Line(LogLevels.Warn, Target, $"{_dropped} log lines were dropped: they could not be sent in time", []));
                _dropped = 0;
            }

            while (taken.Count < count && _lines.TryDequeue(out var line))
            {
                _bytes -= line.Bytes;
                taken.Add(line);
            }

            return [.. taken];
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private LogLine Line(string level, string target, string message, KeyValuePair<string, string>[] fields) =>
        NewLine(LogSources.Sandbox, level, target, message) with { Fields = fields };
}
