namespace OpenShell.Supervisor.MainProcess;

/// <summary>One reader's place in an <see cref="OutputRing"/>. Others may look where it is.</summary>
internal sealed class OutputReader(OutputRing ring, long position)
{
    private long _position = position;

    /// <summary>Bytes that were written before what it reads next.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Takes what comes next, of one output.</summary>
    public OutputRead Read(Span<byte> buffer)
    {
        var read = ring.Read(_position, buffer);
        Interlocked.Add(ref _position, read.Count);
        return read;
    }

    /// <summary>Waits until <see cref="Read"/> has something to say.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => ring.WaitAsync(_position, cancellationToken);

    /// <summary>Whether writing so many bytes would make it lose some, and it has not lost any yet.</summary>
    public bool IsBehind(int count) => !ring.HasRoomFor(count, Position);
}

/// <summary>What a reader of the ring found.</summary>
/// <param name="Count">Bytes of output; 0 for the other kinds.</param>
internal readonly record struct OutputRead(OutputReadKind Kind, int Count);

/// <summary>What a reader of the ring found.</summary>
internal enum OutputReadKind
{
    /// <summary>Nothing has come since.</summary>
    NothingYet,

    /// <summary>Bytes of stdout, or of the terminal.</summary>
    Output,

    /// <summary>Bytes of stderr.</summary>
    Error,

    /// <summary>Everything has been read and no more comes.</summary>
    End,

    /// <summary>What comes next has been forgotten: the reader was too slow.</summary>
    Lost,
}
