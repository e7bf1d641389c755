using System.Collections.Immutable;

namespace OpenShell.Gateway.Watch;

/// <summary>A step in the life of a sandbox's machine, for people and progress displays.</summary>
internal sealed record SandboxPlatformEvent(
    DateTimeOffset Time,
    string Source,
    string Type,
    string Reason,
    string Message,
    ImmutableDictionary<string, string> Metadata);
