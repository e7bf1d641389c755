using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Relays;

/// <summary>Limits of relays. Pending: asked for and not yet claimed. Active: claimed and not yet over.</summary>
internal sealed record RelayOptions
{
    /// <summary>Options of the gateway that set these; a refusal names the one that it is because of.</summary>
    public const string MaxPendingOption = "--max-pending-relays";
    public const string MaxPendingPerSandboxOption = "--max-pending-relays-per-sandbox";
    public const string MaxActiveOption = "--max-relays";
    public const string MaxActivePerSandboxOption = "--max-relays-per-sandbox";

    /// <summary>What a caller is told whose relay nobody claimed.</summary>
    public static readonly Failure NotClaimed = new(
        FailureKind.DeadlineExceeded, "relay open timed out: the sandbox is connected, but its supervisor did not take the connection");

    /// <summary>Pending relays of all sandboxes.</summary>
    public int MaxPending { get; init; } = 256;

    /// <summary>Pending relays of one sandbox.</summary>
    public int MaxPendingPerSandbox { get; init; } = 32;

    /// <summary>Active relays of all sandboxes.</summary>
    public int MaxActive { get; init; } = 4096;

    /// <summary>Active relays of one sandbox.</summary>
    public int MaxActivePerSandbox { get; init; } = 256;

    /// <summary>How long a supervisor has to claim a relay.</summary>
    public TimeSpan ClaimTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a supervisor of a stack for which the end of the answer is the end of the call has to be silent, before it is
    /// told by that end that nothing more comes to it. It cannot send anything afterwards.
    /// </summary>
    public TimeSpan SilenceBeforeEnd { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a supervisor has to take what was written to a relay that has ended, and how long it may be silent, while its
    /// bytes are waited for, once it has closed a relay.
    /// </summary>
    public TimeSpan CloseTimeout { get; init; } = Protocol.Relay.RelayConnection.CloseTimeout;
}
