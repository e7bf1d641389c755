using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Relays;

/// <summary>What callers are told of relays that did not come up. The first words are the same as those of OpenShell's gateway.</summary>
internal static class RelayFailures
{
    private const string DroppedWords = "relay channel dropped";

    /// <summary>The relay was given up while its supervisor was to claim it, because its sandbox or the gateway goes.</summary>
    public static Failure Dropped(string reason) => new(FailureKind.Unavailable, $"{DroppedWords}: {reason}");

    /// <summary>As a caller is told it: who is unreachable is said, unless the failure says that it is about the relay.</summary>
    public static Failure ToCaller(Failure failure) =>
        failure.Kind == FailureKind.Unavailable && !failure.Message.StartsWith(DroppedWords, StringComparison.Ordinal)
            ? failure with { Message = $"supervisor relay failed: {failure.Message}" }
            : failure;
}
