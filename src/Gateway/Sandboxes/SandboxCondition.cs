using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>One observation about a sandbox; the type <see cref="ReadyType"/> explains its phase.</summary>
/// <param name="Status">"True", "False" or "Unknown".</param>
internal sealed record SandboxCondition(string Type, string Status, string Reason, string Message, DateTimeOffset LastTransition)
{
    // Reasons are words; a message may have the last twenty lines of a console.
    private const int LongestWord = 128;
    private const int LongestMessage = 16 * 1024;

    public const string ReadyType = "Ready";
    public const string True = "True";
    public const string False = "False";

    /// <summary>One word for programs.</summary>
    public string Reason { get; init => field = HarmlessText.Line(value, LongestWord); } = HarmlessText.Line(Reason, LongestWord);

    /// <summary>For people: drivers quote guests in it.</summary>
    public string Message { get; init => field = HarmlessText.Lines(value, LongestMessage); } = HarmlessText.Lines(Message, LongestMessage);

    /// <summary>Reason: a start has begun and what ran before it may still run.</summary>
    public const string Restarting = "Restarting";

    /// <summary>Reason: the machine is paused because the host's disk is full; it goes on by itself when there is room.</summary>
    public const string HostDiskFull = "HostDiskFull";

    /// <summary>Reason: the main process has ended with 0; its supervisor still answers.</summary>
    public const string MainProcessCompleted = "MainProcessCompleted";

    /// <summary>Reason: the sandbox failed because its main process did; its supervisor still answers.</summary>
    public const string MainProcessFailed = "MainProcessFailed";

    /// <summary>Reason: it was not READY in time, and its machine is taken down.</summary>
    public const string ProvisioningTimeout = "ProvisioningTimeout";

    /// <summary>Type: whether the supervisor showed the SSH host key that the sandbox is known by; there only if it did not.</summary>
    public const string HostKeyType = "HostKey";

    /// <summary>Reason: the supervisor is there and has not said yet that the configuration is in force.</summary>
    public const string ConfigurationPending = "ConfigurationPending";

    /// <summary>Reason: the supervisor cannot bring the configuration into force, and runs nothing under it.</summary>
    public const string ConfigurationRejected = "ConfigurationRejected";
}
