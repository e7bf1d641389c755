namespace OpenShell.Protocol.Relay;

/// <summary>Optional parts of the session protocol, announced in the hello and in request metadata.</summary>
public static class RelayFeatures
{
    /// <summary>The peer understands the end-of-stream frame, so half-close is kept in both directions.</summary>
    public const string EndOfStream = "relay-eos";

    /// <summary>The supervisor has the relay target <c>exec</c>.</summary>
    public const string Exec = "exec";

    /// <summary>The supervisor has the relay targets <c>listen</c> and <c>accepted</c>. One without them takes them for <c>ssh</c>.</summary>
    public const string Listen = "listen";

    /// <summary>The supervisor takes a renewed token over its session.</summary>
    public const string TokenRenewal = "token-renewal";

    /// <summary>The supervisor keeps its machine's clock by the gateway's, which comes with heartbeats.</summary>
    public const string Clock = "clock";

    /// <summary>The supervisor starts processes with the environment of a login shell, or without.</summary>
    public const string LoginEnvironment = "login-environment";

    /// <summary>All of them: what this version's gateways know, and its supervisors too, but for what their machine does not have.</summary>
    public static IReadOnlyList<string> All { get; } = [EndOfStream, Exec, TokenRenewal, Listen, Clock, LoginEnvironment];

    /// <summary>Whether a comma-separated list, as in <see cref="RelayWire.FeaturesHeader"/>, names a feature.</summary>
    public static bool Includes(string list, string feature) =>
        list.Split(',', StringSplitOptions.TrimEntries).Contains(feature, StringComparer.Ordinal);
}
