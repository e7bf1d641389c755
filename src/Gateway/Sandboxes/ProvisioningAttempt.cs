using System.Text.Json.Serialization;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>One try to bring a sandbox to READY: its creation, or a start.</summary>
/// <param name="Id">Of this try; the next start has another one.</param>
/// <param name="PreparationDeadline">As it was set when the try began.</param>
internal sealed record ProvisioningAttempt(string Id, DateTimeOffset PreparationDeadline)
{
    /// <summary>What runs now; null: the try is over.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The supervisor's first report about its configuration.</summary>
    public DateTimeOffset? AdmissionStart { get; init; }

    /// <summary>The deadline passed before it was READY.</summary>
    public DateTimeOffset? TimedOut { get; init; }

    /// <summary>What had been made was taken down after that.</summary>
    public DateTimeOffset? CleanedUp { get; init; }

    /// <summary>Why it could not be taken down yet; empty: it was, or nobody has tried.</summary>
    public string CleanupError { get; init; } = "";

    /// <summary>When that is tried again.</summary>
    public DateTimeOffset? CleanupRetry { get; init; }

    /// <summary>Whether its machine is still to be taken down.</summary>
    [JsonIgnore]
    public bool NeedsCleanup => TimedOut is not null && CleanedUp is null;
}
