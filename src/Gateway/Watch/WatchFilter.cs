using OpenShell.Gateway.Logs;

namespace OpenShell.Gateway.Watch;

/// <summary>What a watcher wants of a sandbox's history; the same for what is kept and for what comes.</summary>
/// <param name="Logs">The log lines; null is none.</param>
/// <param name="PlatformEvents">Whether it wants the events of the platform.</param>
internal sealed record WatchFilter(LogFilter? Logs, bool PlatformEvents)
{
    /// <summary>Nothing but states.</summary>
    public static WatchFilter None { get; } = new(null, false);

    public bool Wants(RecordedEvent recorded) => recorded switch
    {
        LogEvent { Line: var line } => Logs?.Wants(line) == true,
        _ => PlatformEvents,
    };
}
