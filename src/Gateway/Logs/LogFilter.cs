using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Logs;

/// <summary>Which lines a reader wants.</summary>
/// <param name="Since">Lines before it are left out; null is all.</param>
/// <param name="Sources">One of these; none is all.</param>
/// <param name="MinLevel">At least as important as this; empty is all.</param>
internal sealed record LogFilter(DateTimeOffset? Since, IReadOnlySet<string> Sources, string MinLevel)
{
    private readonly int _maxRank = MinLevel.Length == 0 ? int.MaxValue : LogLevels.Rank(MinLevel);

    /// <summary>Every line.</summary>
    public static LogFilter All { get; } = new(null, new HashSet<string>(), "");

    /// <summary>Whether lines of the main process can be among them.</summary>
    public bool WantsMain => Sources.Count == 0 || Sources.Contains(LogSources.Main);

    /// <summary>Whether other lines than those of the main process can be among them.</summary>
    public bool WantsOthers => Sources.Count == 0 || Sources.Any(s => s != LogSources.Main);

    /// <summary>Of what comes, now or again after a cursor. A line without a time is as new as its arrival.</summary>
    public bool Wants(SandboxLogLine line) =>
        (Since is not { } since || line.Time is not { } time || time >= since)
        && (Sources.Count == 0 || Sources.Contains(LogSources.Normalize(line.Source)))
        && (_maxRank == int.MaxValue || LogLevels.Rank(line.Level) <= _maxRank);

    /// <summary>Of what is kept: of a line without a time nobody can say that it is not too old.</summary>
    public bool WantsOfTail(SandboxLogLine line) => (Since is null || line.Time is not null) && Wants(line);
}
