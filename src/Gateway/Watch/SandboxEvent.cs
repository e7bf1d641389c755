using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Watch;

/// <summary>What a watcher hears.</summary>
internal abstract record SandboxEvent;

/// <summary>The sandbox has changed; only the newest state is kept for a slow watcher.</summary>
internal sealed record StateEvent(SandboxRecord Record) : SandboxEvent;

/// <summary>The platform did something.</summary>
internal sealed record PlatformEventReceived(SandboxPlatformEvent Event) : SandboxEvent;

/// <summary>The watcher was too slow for this many platform events.</summary>
internal sealed record DroppedEvent(int Count) : SandboxEvent;

/// <summary>A log line that the watcher's filter wants.</summary>
internal sealed record LogEvent(SandboxLogLine Line) : SandboxEvent;

/// <summary>The watcher was too slow for this many log lines; they were the ones before the next.</summary>
internal sealed record DroppedLogsEvent(int Count) : SandboxEvent;

/// <summary>The sandbox is gone; nothing follows.</summary>
internal sealed record RemovedEvent : SandboxEvent;
