using System.Collections.Immutable;
using OpenShell.Gateway.Logs;

namespace OpenShell.Gateway.Watch;

/// <summary>Platform events for tests that do not care about most of them.</summary>
internal static class PlatformEvents
{
    public static SandboxPlatformEvent Create(string message) =>
        new(LogLines.Then, "vm", "Normal", "Test", message, ImmutableDictionary<string, string>.Empty);
}
