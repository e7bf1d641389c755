using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands;

/// <summary>
/// Which lines of a log were printed, for a stream that begins again with lines that the one before had. Lines have no
/// numbers on the wire and come in the order in which they reached the gateway, which is not quite that of their times.
/// </summary>
internal sealed class LogLineFilter
{
    /// <summary>As many as a gateway keeps of a sandbox.</summary>
    public const int Kept = 2000;

    // A sandbox's lines wait for their batch, and longer while their gateway is away.
    private const long LateMs = 60_000;

    private readonly Queue<SandboxLogLine> _shown = new();
    private Dictionary<SandboxLogLine, int> _again = [];
    private long _oldestMs = long.MaxValue;
    private long _newestMs = long.MinValue;

    /// <summary>From when on the next stream has to begin, in Unix milliseconds; <paramref name="otherwise"/> when none was shown.</summary>
    public long Since(long otherwise) => _shown.Count == 0 ? otherwise : Math.Max(otherwise, _newestMs - LateMs);

    /// <summary>A stream begins: each line that was shown may come again once.</summary>
    public void Restart() => _again = _shown.CountBy(line => line).ToDictionary();

    /// <summary>Whether a line is to be printed; then it counts as shown.</summary>
    public bool TryShow(SandboxLogLine line)
    {
        if (_again.GetValueOrDefault(line) is var times and > 0)
        {
            _again[line] = times - 1;
            return false;
        }

        // A stream that begins again has a longer tail than the first one, which had been cut to what was asked for.
        if (_again.Count > 0 && line.TimestampMs < _oldestMs)
        {
            return false;
        }

        _shown.Enqueue(line);
        if (_shown.Count > Kept)
        {
            _shown.Dequeue();
        }

        (_oldestMs, _newestMs) = (Math.Min(_oldestMs, line.TimestampMs), Math.Max(_newestMs, line.TimestampMs));
        return true;
    }
}
