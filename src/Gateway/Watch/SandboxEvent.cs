using System.Collections.Immutable;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Watch;

/// <summary>What a watcher hears.</summary>
internal abstract record SandboxEvent;

/// <summary>The sandbox has changed; only the newest state is kept for a slow watcher.</summary>
internal sealed record StateEvent(SandboxRecord Record) : SandboxEvent;

/// <summary>What the history of a sandbox keeps.</summary>
/// <param name="Sequence">Its place in the history; each is one more than the one before.</param>
internal abstract record RecordedEvent(long Sequence) : SandboxEvent
{
    /// <summary>The memory that it holds, roughly.</summary>
    public abstract int Bytes { get; }
}

/// <summary>A log line.</summary>
internal sealed record LogEvent(long Sequence, SandboxLogLine Line) : RecordedEvent(Sequence)
{
    public override int Bytes => Line.Bytes;
}

/// <summary>The platform did something.</summary>
internal sealed record PlatformEventReceived(long Sequence, SandboxPlatformEvent Event) : RecordedEvent(Sequence)
{
    public override int Bytes => Event.Bytes;
}

/// <summary>The watcher was too slow: so much of what it wants was dropped before it came to it.</summary>
internal sealed record MissedEvent(int Lines, int PlatformEvents) : SandboxEvent;

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

    // The objects themselves, roughly; and what a pair of an immutable dictionary takes.
    private const int Overhead = 256;
    private const int PairOverhead = 128;

    /// <summary>One word for programs.</summary>
    public string Reason { get; init => field = HarmlessText.Line(value); } = HarmlessText.Line(Reason);

    /// <summary>For people: drivers quote guests in it.</summary>
    public string Message { get; init => field = HarmlessText.Lines(value, LongestMessage); } = HarmlessText.Lines(Message, LongestMessage);

    /// <summary>The memory that it holds, roughly.</summary>
    public int Bytes => Overhead
        + (sizeof(char) * (Source.Length + Type.Length + Reason.Length + Message.Length))
        + Metadata.Sum(pair => PairOverhead + (sizeof(char) * (pair.Key.Length + pair.Value.Length)));
}
