namespace OpenShell.Gateway.Logs;

/// <summary>
/// The logs of all sandboxes, in memory. Lines are kept only for sandboxes that were opened and not forgotten, so that
/// a late line about a deleted sandbox leaves nothing behind. Thread-safe.
/// </summary>
internal sealed class LogBuffers(LogLimits limits)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LogBuffer> _buffers = [];
    private long _totalBytes;
    private long _sequence;

    /// <summary>Begins to keep the lines of a sandbox that exists; again is fine.</summary>
    public void Open(string sandboxId)
    {
        lock (_lock)
        {
            _buffers.TryAdd(sandboxId, new LogBuffer());
        }
    }

    /// <summary>Drops the lines of a sandbox that has gone.</summary>
    public void Forget(string sandboxId)
    {
        lock (_lock)
        {
            if (_buffers.Remove(sandboxId, out var buffer))
            {
                _totalBytes -= buffer.Bytes;
            }
        }
    }

    /// <summary>Keeps a line.</summary>
    /// <returns>The line with its sequence; null if the sandbox is not open.</returns>
    public SandboxLogLine? Append(string sandboxId, SandboxLogLine line)
    {
        lock (_lock)
        {
            if (!_buffers.TryGetValue(sandboxId, out var buffer))
            {
                return null;
            }

            var kept = line with { Sequence = ++_sequence };
            var before = buffer.Bytes;
            buffer.Add(kept);
            buffer.Trim(limits.MaxLines, Math.Min(limits.MaxBytes, Share()));
            _totalBytes += buffer.Bytes - before;
            if (_totalBytes > limits.MaxTotalBytes)
            {
                ShareOut();
            }

            return kept;
        }
    }

    /// <summary>The newest lines of a sandbox that a filter wants.</summary>
    public LogTail Tail(string sandboxId, LogFilter filter, int count)
    {
        lock (_lock)
        {
            return _buffers.TryGetValue(sandboxId, out var buffer)
                ? new LogTail(buffer.Tail(filter, count), _sequence, buffer.Count)
                : new LogTail([], _sequence, 0);
        }
    }

    /// <summary>How fast a sandbox may push; null if it is not open.</summary>
    public LogIntake? Intake(string sandboxId)
    {
        lock (_lock)
        {
            return _buffers.GetValueOrDefault(sandboxId)?.Intake;
        }
    }

    private long Share() => limits.MaxTotalBytes / Math.Max(1, _buffers.Count);

    // Somebody has more than a share, from the time when there were fewer sandboxes. To a little less than the share, so
    // that the next sandbox does not make everybody move again.
    private void ShareOut()
    {
        var share = Share() * 3 / 4;
        _totalBytes = 0;
        foreach (var buffer in _buffers.Values)
        {
            buffer.Trim(limits.MaxLines, share);
            _totalBytes += buffer.Bytes;
        }
    }
}
