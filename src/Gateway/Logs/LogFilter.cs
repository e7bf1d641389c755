using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Logs;

/// <summary>Which lines a reader wants; the same for what is kept and for what comes.</summary>
/// <param name="Since">Lines before it are left out; null is all.</param>
/// <param name="Sources">One of these; none is all.</param>
/// <param name="MinLevel">At least as important as this; empty is all.</param>
internal sealed record LogFilter(DateTimeOffset? Since, IReadOnlySet<string> Sources, string MinLevel)
{
    private readonly int _maxRank = MinLevel.Length == 0 ? int.MaxValue : LogLevels.Rank(MinLevel);

    /// <summary>Every line.</summary>
    public static LogFilter All { get; } = new(null, new HashSet<string>(), "");

    public bool Wants(SandboxLogLine line) =>
        (Since is not { } since || line.Time >= since)
        && (Sources.Count == 0 || Sources.Contains(LogSources.Normalize(line.Source)))
        && (_maxRank == int.MaxValue || LogLevels.Rank(line.Level) <= _maxRank);
}
