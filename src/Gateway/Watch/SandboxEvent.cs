using System.Collections.Immutable;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Untrusted;

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

/// <summary>A step in the life of a sandbox's machine, for people and progress displays.</summary>
internal sealed record SandboxPlatformEvent(
    DateTimeOffset Time,
    string Source,
    string Type,
    string Reason,
    string Message,
    ImmutableDictionary<string, string> Metadata)
{
    private const int LongestMessage = 16 * 1024;

    /// <summary>One word for programs.</summary>
    public string Reason { get; init => field = HarmlessText.Line(value); } = HarmlessText.Line(Reason);

    /// <summary>For people: drivers quote guests in it.</summary>
    public string Message { get; init => field = HarmlessText.Lines(value, LongestMessage); } = HarmlessText.Lines(Message, LongestMessage);
}
