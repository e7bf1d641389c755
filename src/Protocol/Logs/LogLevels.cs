namespace OpenShell.Protocol.Logs;

/// <summary>The levels of a sandbox's log lines, as they are on the wire, and their order.</summary>
public static class LogLevels
{
    private const int UnknownRank = 5;

    /// <summary>Something failed.</summary>
    public const string Error = "ERROR";

    /// <summary>Something is wrong and was coped with.</summary>
    public const string Warn = "WARN";

    /// <summary>The life of a sandbox.</summary>
    public const string Info = "INFO";

    /// <summary>A security event in the form of the Open Cybersecurity Schema Framework; ranks as INFO.</summary>
    public const string Ocsf = "OCSF";

    /// <summary>For debugging.</summary>
    public const string Debug = "DEBUG";

    /// <summary>Everything.</summary>
    public const string Trace = "TRACE";

    /// <summary>Whether it is one of these, in any case.</summary>
    public static bool IsKnown(string level) => Rank(level) < UnknownRank;

    /// <summary>Importance, 0 is the highest: ERROR, WARN, INFO and OCSF, DEBUG, TRACE, then unknown ones.</summary>
    public static int Rank(string level) => level.ToUpperInvariant() switch
    {
        Error => 0,
        Warn => 1,
        Info or Ocsf => 2,
        Debug => 3,
        Trace => 4,
        _ => UnknownRank,
    };
}
