using Google.Protobuf.WellKnownTypes;
using OpenShell.Cli.Output;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Commands;

/// <summary>
/// Which lines of a log were printed, for a stream that begins again with lines that the one before had: where no cursor leads
/// from one to the other, lines have nothing that names them, and come in the order in which they reached the gateway, which is not quite that of their times.
/// </summary>
internal sealed class LogLineFilter
{
    /// <summary>As many as a gateway keeps of a sandbox.</summary>
    public const int Kept = 2000;

    // A sandbox's lines wait for their batch, and longer while their gateway is away.
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(60);

    private readonly Queue<SandboxLogLine> _shown = new();
    private Dictionary<SandboxLogLine, int> _again = [];
    private DateTimeOffset _oldest = DateTimeOffset.MaxValue;
    private DateTimeOffset _newest = DateTimeOffset.MinValue;

    /// <summary>From when on the next stream has to begin; <paramref name="otherwise"/> when none was shown.</summary>
    public Timestamp? Since(Timestamp? otherwise) =>
        _shown.Count > 0 && _newest - Late is var since && (otherwise is null || since > TimeText.Of(otherwise))
            ? Timestamp.FromDateTimeOffset(since)
            : otherwise;

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
        var time = TimeText.Of(line.EventTime);
        if (_again.Count > 0 && time < _oldest)
        {
            return false;
        }

        _shown.Enqueue(line);
        if (_shown.Count > Kept)
        {
            _shown.Dequeue();
        }

        (_oldest, _newest) = (time < _oldest ? time : _oldest, time > _newest ? time : _newest);
        return true;
    }
}
