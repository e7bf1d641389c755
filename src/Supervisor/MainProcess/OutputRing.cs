namespace OpenShell.Supervisor.MainProcess;

/// <summary>The last bytes of an output. What is older is forgotten.</summary>
internal sealed class OutputRing(int capacity)
{
    private readonly Lock _gate = new();
    private byte[] _bytes = [];
    private long _written;

    /// <summary>Appends.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            bytes = bytes[Math.Max(0, bytes.Length - capacity)..];
            Grow(bytes.Length);
            var at = (int)(_written % capacity);
            var first = Math.Min(bytes.Length, capacity - at);
            bytes[..first].CopyTo(_bytes.AsSpan(at));
            bytes[first..].CopyTo(_bytes);
            _written += bytes.Length;
        }
    }

    /// <summary>A copy of what is there, oldest first.</summary>
    public byte[] Snapshot()
    {
        lock (_gate)
        {
            if (_written <= capacity)
            {
                return _bytes.AsSpan(0, (int)_written).ToArray();
            }

            var at = (int)(_written % capacity);
            return [.. _bytes.AsSpan(at), .. _bytes.AsSpan(0, at)];
        }
    }

    // Most main processes say little; the whole ring is only there once it is needed.
    private void Grow(int count)
    {
        var needed = (int)Math.Min(capacity, _written + count);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Min(capacity, Math.Max(needed, _bytes.Length * 2)));
        }
    }
}
