using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Logs;

/// <summary>
/// The newest lines of one sandbox. Its main process may write as much as it likes: what it wrote has half of the room, and
/// more only where nothing else wants it, so that it pushes out no line about the sandbox.
/// Owned by <see cref="LogBuffers"/>, whose lock guards it.
/// </summary>
internal sealed class LogBuffer
{
    private readonly Queue<SandboxLogLine> _lines = new();
    private readonly Queue<SandboxLogLine> _main = new();
    private long _mainBytes;

    public int Count => _lines.Count + _main.Count;

    public long Bytes { get; private set; }

    /// <summary>How fast its sandbox may push.</summary>
    public LogIntake Intake { get; } = new();

    public void Add(SandboxLogLine line)
    {
        var isMain = line.Source == LogSources.Main;
        (isMain ? _main : _lines).Enqueue(line);
        Bytes += line.Bytes;
        _mainBytes += isMain ? line.Bytes : 0;
    }

    /// <summary>Drops lines until the rest fits, of each kind the oldest; one stays in any case.</summary>
    public void Trim(int maxLines, long maxBytes)
    {
        while (Count > 1 && (Count > maxLines || Bytes > maxBytes))
        {
            var fromMain = _lines.Count == 0
                || (_main.Count > 0 && (_main.Count > maxLines / 2 || _mainBytes > maxBytes / 2 || _main.Peek().Sequence < _lines.Peek().Sequence));
            var gone = (fromMain ? _main : _lines).Dequeue();
            Bytes -= gone.Bytes;
            _mainBytes -= fromMain ? gone.Bytes : 0;
        }
    }

    /// <summary>The newest lines that a filter wants, oldest first.</summary>
    public SandboxLogLine[] Tail(LogFilter filter, int count)
    {
        var wanted = _lines.Concat(_main).Where(filter.Wants).OrderBy(line => line.Sequence);
        return [.. wanted.TakeLast(count)];
    }
}
