using System.Collections.Immutable;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Watch;

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
