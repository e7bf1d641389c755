namespace OpenShell.Gateway.Logs;

/// <summary>The newest lines of one sandbox. Owned by <see cref="LogBuffers"/>, whose lock guards it.</summary>
internal sealed class LogBuffer
{
    private readonly Queue<SandboxLogLine> _lines = new();

    public int Count => _lines.Count;

    public long Bytes { get; private set; }

    /// <summary>How fast its sandbox may push.</summary>
    public LogIntake Intake { get; } = new();

    public void Add(SandboxLogLine line)
    {
        _lines.Enqueue(line);
        Bytes += line.Bytes;
    }

    /// <summary>Drops the oldest lines until the rest fits; the newest stays in any case.</summary>
    public void Trim(int maxLines, long maxBytes)
    {
        while (_lines.Count > 1 && (_lines.Count > maxLines || Bytes > maxBytes))
        {
            Bytes -= _lines.Dequeue().Bytes;
        }
    }

    /// <summary>The newest lines that a filter wants, oldest first.</summary>
    public SandboxLogLine[] Tail(LogFilter filter, int count)
    {
        var wanted = _lines.Where(filter.Wants);
        return [.. wanted.TakeLast(count)];
    }
}
