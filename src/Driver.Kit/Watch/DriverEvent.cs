namespace OpenShell.Driver.Kit.Watch;

/// <summary>Something that watchers learn.</summary>
public abstract record DriverEvent(string SandboxId);

/// <summary>A sandbox is new or has changed. A driver derives its own, with the sandbox as it is now.</summary>
/// <param name="Version">Grows with every change, over all sandboxes: of two events the higher is the newer.</param>
public abstract record SandboxChanged(string SandboxId, long Version) : DriverEvent(SandboxId);

/// <summary>Nothing is left of a sandbox.</summary>
/// <param name="Version">Higher than that of each of its changes.</param>
public sealed record SandboxRemoved(string SandboxId, long Version) : DriverEvent(SandboxId);

/// <summary>A step in a sandbox's life, for people.</summary>
/// <param name="IsWarning">Whether somebody should look.</param>
/// <param name="Reason">One word; API, because displays and people search for it.</param>
/// <param name="Metadata">For displays; keys as in <see cref="ProgressKeys"/>.</param>
public sealed record SandboxNotice(
    string SandboxId,
    DateTimeOffset Time,
    bool IsWarning,
    string Reason,
    string Message,
    IReadOnlyDictionary<string, string> Metadata) : DriverEvent(SandboxId);
