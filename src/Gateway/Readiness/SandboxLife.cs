using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;

namespace OpenShell.Gateway.Readiness;

/// <summary>What becomes of a sandbox's record with what happens and with time; the rules, with the options and the clock.</summary>
internal sealed class SandboxLife(LifeOptions options, TimeProvider time)
{
    // Longer than a supervisor waits for its clients, so that it is the one who decides.
    private static readonly TimeSpan OutputWait = TimeSpan.FromMinutes(2);

    public DateTimeOffset Now => time.GetUtcNow();

    public LifeOptions Options => options;

    /// <summary>The record as it is to be stored after a change.</summary>
    /// <param name="before">As it is stored.</param>
    /// <param name="changed">After what has happened to it; the same if nothing has but time, sessions or the driver's word.</param>
    public SandboxRecord Compose(SandboxRecord before, SandboxRecord changed, DriverStatus? driver, SupervisorSession? session)
    {
        var now = Now;
        var next = ReadinessRules.Compose(changed, driver, session?.InstanceId, now);
        next = session is null ? next : WithHostKey(next, session.SshHostKeyFingerprint, now);
        return RestartRules.Schedule(before, IsComingUp(next) ? next : WithoutDeadline(next), options, now);
    }

    /// <summary>The main process of a boot has ended; see <see cref="ReadinessRules.Exited"/>.</summary>
    public SandboxRecord Exited(SandboxRecord record, string instance, int bootEpoch, int exitCode)
    {
        var exited = ReadinessRules.Exited(record, instance, bootEpoch, exitCode, Now);
        return ReferenceEquals(exited, record) ? record : exited with { OutputAwaitedUntil = Now + OutputWait };
    }

    /// <summary>With a new try to bring it to READY.</summary>
    public SandboxRecord WithAttempt(SandboxRecord record)
    {
        var deadline = Now + options.ProvisioningTimeout;
        return record with { Provisioning = new ProvisioningAttempt(Guid.NewGuid().ToString(), deadline) { Deadline = deadline } };
    }

    /// <summary>With more time for the try that is under way: nobody was there to bring it further, or there was no room on the disk.</summary>
    public SandboxRecord WithMoreTime(SandboxRecord record) => record.Provisioning is { Deadline: not null } attempt
        ? record with { Provisioning = attempt with { Deadline = Now + options.ProvisioningTimeout } }
        : record;

    /// <summary>What its restart policy could not start: tried again, later each time.</summary>
    public SandboxRecord WithLaterRestart(SandboxRecord record) => RestartRules.Again(record, options, Now);

    /// <summary>It was not READY in time.</summary>
    public SandboxRecord TimedOut(SandboxRecord record)
    {
        var last = record.Ready is { } ready ? $"; the last word was {ready.Reason}: {ready.Message}" : "";
        return record.WithReady(
            SandboxCondition.False,
            SandboxCondition.ProvisioningTimeout,
            $"The sandbox was not ready within {options.ProvisioningTimeout.TotalSeconds:0} s (--provisioning-timeout) and its machine is stopped; start it to try again{last}",
            Now) with
        {
            Phase = SandboxPhase.Error,
            Provisioning = record.Provisioning! with { Deadline = null, TimedOut = Now },
        };
    }

    /// <summary>When time alone makes something happen to it; null: never.</summary>
    public DateTimeOffset? Due(SandboxRecord record) => record switch
    {
        { IsUnreadable: true } => null,
        { HasEnded: true, NextRestart: { } next } => record.OutputAwaitedUntil > next ? record.OutputAwaitedUntil : next,
        { Phase: SandboxPhase.Error, Provisioning: { NeedsCleanup: true } attempt } => attempt.CleanupRetry ?? attempt.TimedOut,
        { Provisioning.Deadline: { } deadline } when IsComingUp(record) => deadline,
        { Phase: SandboxPhase.Ready, RestartCount: > 0, MainProcessStarted: { } since } => since + options.RestartReset,
        _ => null,
    };

    private static bool IsComingUp(SandboxRecord record) => record.Phase
        is SandboxPhase.Unspecified or SandboxPhase.Provisioning or SandboxPhase.Starting or SandboxPhase.Unknown;

    private static SandboxRecord WithoutDeadline(SandboxRecord record) =>
        record.Provisioning?.Deadline is null ? record : record with { Provisioning = record.Provisioning with { Deadline = null } };

    // The first one stays: whoever has seen it is to notice another one. A supervisor without SSH has none.
    private static SandboxRecord WithHostKey(SandboxRecord record, string shown, DateTimeOffset now) => (record.HostKeyFingerprint, shown) switch
    {
        (_, "") => record,
        ("", _) => record with { HostKeyFingerprint = shown },
        var (known, _) when known == shown => record.Without(SandboxCondition.HostKeyType),
        var (known, _) => record.With(
            SandboxCondition.HostKeyType,
            SandboxCondition.False,
            "HostKeyChanged",
            $"The sandbox's SSH server shows the host key {shown}, and not {known} as before; SSH clients refuse it. Delete the sandbox if nobody changed the key on purpose",
            now),
    };
}
