namespace OpenShell.Supervisor.MainProcess;

/// <summary>
/// The last bytes of a process's outputs, in the order in which they came, and the queue of everybody who reads them: a
/// reader is a position in it, so what is replayed and what comes live join without a gap. What is older than
/// <paramref name="replay"/> and <paramref name="slack"/> together is forgotten.
/// </summary>
/// <param name="replay">Bytes that a new reader gets.</param>
/// <param name="slack">Bytes that a reader may fall behind further.</param>
internal sealed class OutputRing(int replay, int slack)
{
    // Where stdout and stderr alternate by the byte the oldest are forgotten sooner, so that memory stays bounded.
    private const int MostRuns = 4096;

    private readonly int _capacity = replay + slack;
    private readonly Lock _lock = new();
    private readonly List<(long Start, bool IsError)> _runs = [];
    private byte[] _bytes = [];
    private long _oldest;
    private long _written;
    private bool _completed;
    private TaskCompletionSource? _change;

    /// <summary>Appends. Positions count every byte ever written.</summary>
    public void Write(ReadOnlySpan<byte> bytes, bool isError)
    {
        lock (_lock)
        {
            Append(bytes, isError);
            Announce();
        }
    }

    /// <summary>Nothing more comes.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            Announce();
        }
    }

    /// <summary>A reader that begins with what is to be replayed.</summary>
    public OutputReader OpenReader()
    {
        lock (_lock)
        {
            return new OutputReader(this, Math.Max(_oldest, _written - replay));
        }
    }

    /// <summary>Whether so many bytes can be written without a reader at this position losing any, or it has lost some before.</summary>
    internal bool HasRoomFor(int count, long position)
    {
        lock (_lock)
        {
            return _written + count - _capacity <= position || position < _oldest;
        }
    }

    internal OutputRead Read(long position, Span<byte> buffer)
    {
        lock (_lock)
        {
            if (position < _oldest)
            {
                return new OutputRead(OutputReadKind.Lost, 0);
            }

            if (position == _written)
            {
                return new OutputRead(_completed ? OutputReadKind.End : OutputReadKind.NothingYet, 0);
            }

            var run = _runs.FindLastIndex(candidate => candidate.Start <= position);
            var runEnd = run + 1 < _runs.Count ? _runs[run + 1].Start : _written;
            var count = (int)Math.Min(buffer.Length, runEnd - position);
            var at = (int)(position % _capacity);
            var first = Math.Min(count, _capacity - at);
            _bytes.AsSpan(at, first).CopyTo(buffer);
            _bytes.AsSpan(0, count - first).CopyTo(buffer[first..]);
            return new OutputRead(_runs[run].IsError ? OutputReadKind.Error : OutputReadKind.Output, count);
        }
    }

    /// <summary>Completes when there is something at this position, or the end.</summary>
    internal Task WaitAsync(long position, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_completed || position != _written)
            {
                return Task.CompletedTask;
            }

            _change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _change.Task.WaitAsync(cancellationToken);
        }
    }

    private void Append(ReadOnlySpan<byte> bytes, bool isError)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        if (_runs.Count == 0 || _runs[^1].IsError != isError)
        {
            _runs.Add((_written, isError));
        }

        Grow(bytes.Length);
        var kept = bytes[Math.Max(0, bytes.Length - _capacity)..];
        _written += bytes.Length;
        var at = (int)((_written - kept.Length) % _capacity);
        var first = Math.Min(kept.Length, _capacity - at);
        kept[..first].CopyTo(_bytes.AsSpan(at));
        kept[first..].CopyTo(_bytes);
        _oldest = Math.Max(_oldest, _written - _capacity);
        ForgetRuns();
    }

    private void ForgetRuns()
    {
        if (_runs.Count > MostRuns)
        {
            // Half at once: one by one would move the list with every byte.
            _oldest = Math.Max(_oldest, _runs[MostRuns / 2].Start);
        }

        var gone = _runs.FindLastIndex(run => run.Start <= _oldest);
        if (gone > 0)
        {
            _runs.RemoveRange(0, gone);
        }
    }

    // Most main processes say little; the whole ring is only there once it is needed.
    private void Grow(int count)
    {
        var needed = (int)Math.Min(_capacity, _written + count);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Min(_capacity, Math.Max(needed, _bytes.Length * 2)));
        }
    }

    private void Announce()
    {
        _change?.SetResult();
        _change = null;
    }
}
