using OpenShell.Protocol.Logs;

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

    /// <summary>Completes when the next session is accepted: take it before the attempt that may fail.</summary>
    public Task Resumed => Volatile.Read(ref _resumed).Task;

    /// <summary>A session was accepted: whoever was told to stop pushing may try again.</summary>
    public void Resume() => Interlocked.Exchange(ref _resumed, NewSignal()).TrySetResult();

    public void Add(string level, string message) => Add(level, Target, message, []);

    public void Add(NetworkActivity activity) =>
        Add(LogLevels.Ocsf, NetworkActivity.LineTarget, activity.Message, activity.Fields());

    /// <summary>Completes when at least so many lines wait. One waiter at a time.</summary>
    public Task WhenFilledAsync(int lines)
    {
        lock (_gate)
        {
            if (_lines.Count >= lines)
            {
                return Task.CompletedTask;
            }

            _awaited = lines;
            _filled = NewSignal();
            return _filled.Task;
        }
    }

    /// <summary>Takes the oldest lines out: they are the caller's to deliver.</summary>
    public LogLine[] Take(int count)
    {
        lock (_gate)
        {
            var taken = new List<LogLine>(Math.Min(count, _lines.Count + 1));
            if (_dropped > 0)
            {
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

    private void Add(string level, string target, string message, KeyValuePair<string, string>[] fields)
    {
        var line = Line(level, target, LogText.Cut(message, MaxMessage), fields);
        TaskCompletionSource? filled = null;
        lock (_gate)
        {
            _lines.Enqueue(line);
            _bytes += line.Bytes;
            while (_lines.Count > MaxLines || _bytes > MaxBytes)
            {
                _bytes -= _lines.Dequeue().Bytes;
                _dropped++;
            }

            if (_lines.Count >= _awaited)
            {
                (filled, _filled) = (_filled, null);
            }
        }

        filled?.TrySetResult();
    }

    private LogLine Line(string level, string target, string message, KeyValuePair<string, string>[] fields) =>
        new(time.GetUtcNow().ToUnixTimeMilliseconds(), level, target, message, fields);
}
