namespace OpenShell.Gateway.Logs;

/// <summary>What is kept of sandboxes' logs, in memory.</summary>
internal sealed record LogLimits
{
    /// <summary>Lines of one sandbox; as many as OpenShell's gateway keeps.</summary>
    public int MaxLines { get; init; } = 2000;

    /// <summary>Bytes of one sandbox: 2000 ordinary lines are about half of it.</summary>
    public long MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes of all sandboxes together. When many are full, each keeps its share of this.</summary>
    public long MaxTotalBytes { get; init; } = 256 * 1024 * 1024;
}

/// <summary>What was kept at one moment.</summary>
/// <param name="Lines">The newest that were asked for, oldest first.</param>
/// <param name="LastSequence">Whatever has a higher one came later.</param>
/// <param name="Total">All lines of the sandbox that are kept, wanted or not.</param>
internal sealed record LogTail(IReadOnlyList<SandboxLogLine> Lines, long LastSequence, int Total);

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
