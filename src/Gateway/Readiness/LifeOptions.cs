namespace OpenShell.Gateway.Readiness;

/// <summary>Times of a sandbox's life that the operator sets.</summary>
internal sealed record LifeOptions
{
    /// <summary>From the end of a main process to the first start by its restart policy; each further one waits twice as long.</summary>
    public TimeSpan RestartDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>What a start by the policy waits at most.</summary>
    public TimeSpan MaxRestartDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A sandbox that was READY for so long begins with <see cref="RestartDelay"/> again.</summary>
    public TimeSpan RestartReset { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>From a create or start to READY. Generous: an emulated guest on a loaded host takes minutes.</summary>
    public TimeSpan ProvisioningTimeout { get; init; } = TimeSpan.FromMinutes(15);
}
