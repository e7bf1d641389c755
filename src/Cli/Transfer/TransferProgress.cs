namespace OpenShell.Cli.Transfer;

/// <summary>How far a copy is; written by the copy, read by whoever shows it.</summary>
internal sealed class TransferProgress
{
    private long _bytes;
    private int _files;

    /// <summary>Bytes to be copied; 0 while that is not known.</summary>
    public long TotalBytes { get; set; }

    /// <summary>Bytes of contents copied so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Files copied so far.</summary>
    public int Files => Volatile.Read(ref _files);

    public void AddBytes(int count) => Interlocked.Add(ref _bytes, count);

    public void AddFile() => Interlocked.Increment(ref _files);
}
