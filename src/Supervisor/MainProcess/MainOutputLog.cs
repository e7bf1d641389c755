using OpenShell.Protocol.Logs;
using OpenShell.Supervisor.Logs;

namespace OpenShell.Supervisor.MainProcess;

/// <summary>
/// Puts what the main process writes into the log, line by line, so that it can be read without having been attached.
/// (1) A line that has no end yet goes out as it is once a second has passed, or when it is as long as one may be.
/// (2) Lines wait here for their turn, <see cref="LinesPerSecond"/> and <see cref="BytesPerSecond"/>; of those that wait
/// the oldest are dropped, and a line says how many. (3) At the end everything that waits goes out at once: the last lines
/// of a process are those that tell why it ended. The process never waits for any of this. Thread-safe.
/// </summary>
internal sealed class MainOutputLog : IDisposable
{
    /// <summary>Lines that go out in a second, on average.</summary>
    public const int LinesPerSecond = 100;

    /// <summary>Bytes that go out in a second, on average; lines count with their overhead.</summary>
    public const int BytesPerSecond = 64 * 1024;

    /// <summary>Most lines that wait for their turn: as many as a burst has.</summary>
    public const int MostWaiting = 200;

    /// <summary>Most bytes that wait for their turn.</summary>
    public const int MostBytesWaiting = 64 * 1024;

    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly LogOutbox _outbox;
    private readonly TimeProvider _time;
    private readonly OutputLines _output;
    private readonly OutputLines _error;
    private readonly Queue<LogLine> _waiting = new();
    private readonly ITimer _timer;
    private long? _paidUntil;
    private int _waitingBytes;
    private int _dropped;
    private bool _ticking;
    private bool _completed;

    public MainOutputLog(LogOutbox outbox, bool terminal, TimeProvider time)
    {
        _outbox = outbox;
        _time = time;
        _output = new OutputLines(time, text => Wait(terminal ? "terminal" : "stdout", text));
        _error = new OutputLines(time, text => Wait("stderr", text));
        _timer = time.CreateTimer(static log => ((MainOutputLog)log!).OnTick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Takes bytes as they come; of a line that is not UTF-8 the rest is kept.</summary>
    public void Write(ReadOnlySpan<byte> bytes, bool isError)
    {
        lock (_lock)
        {
            if (_completed)
            {
                return;
            }

            LetGo();
            var lines = isError ? _error : _output;
            var mayBeAll = true;
            while (!bytes.IsEmpty)
            {
                // Once lines have to wait, those of the rest that would be dropped are not even made: a process that
                // writes a GiB is not to be slowed down for lines that are dropped anyway.
                if (mayBeAll && _waiting.Count > 0)
                {
                    mayBeAll = false;
                    _dropped += lines.Skip(ref bytes, MostWaiting);
                }

                bytes = lines.Add(bytes);
            }

            Schedule();
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            // 3
            _output.Flush(TimeSpan.Zero);
            _error.Flush(TimeSpan.Zero);
            SayWhatWasDropped();
            while (_waiting.TryDequeue(out var line))
            {
                _outbox.Add(line);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void OnTick()
    {
        lock (_lock)
        {
            _ticking = false;
            if (!_completed)
            {
                // 1
                _output.Flush(OutputLines.LongestWait);
                _error.Flush(OutputLines.LongestWait);
                LetGo();
                Schedule();
            }
        }
    }

    // A process that writes nothing causes no wake-ups.
    private void Schedule()
    {
        if (!_ticking && (_waiting.Count > 0 || _output.HasPart || _error.HasPart))
        {
            _ticking = true;
            _timer.Change(Tick, Timeout.InfiniteTimeSpan);
        }
    }

    private void Wait(string target, string text)
    {
        var line = _outbox.NewLine(LogSources.Main, LogLevels.Info, target, text);
        _waiting.Enqueue(line);
        _waitingBytes += line.Bytes;
        LetGo();
        // 2
        while (_waiting.Count > MostWaiting || _waitingBytes > MostBytesWaiting)
        {
            _waitingBytes -= _waiting.Dequeue().Bytes;
            _dropped++;
        }
    }

    private void LetGo()
    {
        while (_waiting.TryPeek(out var line) && TryPay(line.Bytes))
        {
            SayWhatWasDropped();
            _waitingBytes -= line.Bytes;
            _outbox.Add(_waiting.Dequeue());
        }
    }

    private void SayWhatWasDropped()
    {
        if (_dropped > 0)
        {
            _outbox.Add(_outbox.NewLine(
                LogSources.Main, LogLevels.Warn, "supervisor", $"{_dropped} lines of the main process were dropped: it writes faster than {LinesPerSecond} lines or {BytesPerSecond / 1024} KiB a second"));
            _dropped = 0;
        }
    }

    private bool TryPay(int bytes)
    {
        var now = _time.GetTimestamp();
        var paid = Math.Max(_paidUntil ?? long.MinValue, now - Ticks(Burst));
        if (paid > now)
        {
            return false;
        }

        _paidUntil = paid + Ticks(TimeSpan.FromSeconds(Math.Max(1.0 / LinesPerSecond, (double)bytes / BytesPerSecond)));
        return true;
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);
}
