using System.Collections.Frozen;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

/// <summary>
/// How what is stored, what the driver says and whether a session lives make a sandbox's phase.
/// Pure functions: the table is reference/openshell-gateway.md sections 2.3 to 2.6, with the changes of design section 4.
/// </summary>
internal static class ReadinessRules
{
    /// <summary>Reasons of Ready=False that pass by themselves; every other one is final.</summary>
    private static readonly FrozenSet<string> Transient = new[]
    {
        "ReconcilerError", "DependenciesNotReady", "SupervisorNotConnected", "Starting",
        "ContainerStarting", "ContainerCreated", "HealthCheckStarting", "InspectFailed",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reasons of Ready=False that say no more than that the machine has ended: what a stop asks for.</summary>
    private static readonly FrozenSet<string> Ended = new[]
    {
        "ContainerExited", "ContainerStopped", "ProcessExited",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The driver's conditions in one word.</summary>
    /// <param name="hasStatus">False if the driver sent none.</param>
    /// <param name="deleting">The driver is deleting the sandbox.</param>
    /// <param name="conditions">The driver's conditions.</param>
    public static BackendSnapshot Derive(bool hasStatus, bool deleting, IReadOnlyList<SandboxCondition> conditions)
    {
        var ready = conditions.FirstOrDefault(c => c.Type == SandboxCondition.ReadyType);
        var suspended = conditions.Any(c => c is { Type: "Suspended", Status: SandboxCondition.True });
        var phase = (hasStatus, deleting, suspended, ready?.Status) switch
        {
            (false, _, _, _) => BackendPhase.Unknown,
            (_, true, _, _) => BackendPhase.Deleting,
            (_, _, true, _) => BackendPhase.Stopped,
            (_, _, _, SandboxCondition.True) => BackendPhase.Ready,
            (_, _, _, SandboxCondition.False) when ready!.Reason == SandboxCondition.HostDiskFull => BackendPhase.Paused,
            (_, _, _, SandboxCondition.False) when !Transient.Contains(ready!.Reason) => BackendPhase.Error,
            _ => BackendPhase.Provisioning,
        };
        return new BackendSnapshot(phase, ready);
    }

    /// <summary>The record as it should be now; the same object if nothing changes.</summary>
    /// <param name="record">As it is stored.</param>
    /// <param name="backend">The driver's last word; null if it has not spoken.</param>
    /// <param name="sessionInstance">Instance id of the live session; null if there is none.</param>
    /// <param name="now">Time of a transition.</param>
    public static SandboxRecord Compose(SandboxRecord record, BackendSnapshot? backend, string? sessionInstance, DateTimeOffset now)
    {
        var backendPhase = backend?.Phase ?? BackendPhase.Unknown;
        return record.Phase switch
        {
            // Only a stop, a start or a deletion leads out of these.
            SandboxPhase.Error or SandboxPhase.Deleting => record,
            SandboxPhase.Stopped => record,
            SandboxPhase.Stopping => backendPhase switch
            {
                BackendPhase.Stopped => Stopped(record, now),
                BackendPhase.Error when Ended.Contains(backend!.Ready!.Reason) => Stopped(record, now),
                BackendPhase.Error => Failed(record, backend!, now),
                _ => record,
            },
            // What the driver says is about the boot before.
            SandboxPhase.Starting when record.IsRestarting => record,
            SandboxPhase.Starting => (backendPhase, sessionInstance) switch
            {
                (BackendPhase.Error, _) => Failed(record, backend!, now),
                // The end of the boot before: what it says is over.
                (BackendPhase.Stopped or BackendPhase.Deleting, _) => record,
                (BackendPhase.Paused, _) => Told(record, backend!, now),
                (_, not null) => Ready(record, sessionInstance, now),
                _ when record.Ready?.Reason == SandboxCondition.HostDiskFull && backend?.Ready is not null => Told(record, backend, now),
                _ => record,
            },
            _ => backendPhase switch
            {
                BackendPhase.Error => Failed(record, backend!, now),
                BackendPhase.Deleting => record with { Phase = SandboxPhase.Deleting },
                BackendPhase.Stopped => Stopped(record, now),
                BackendPhase.Paused => Told(record, backend!, now) with { Phase = SandboxPhase.Provisioning },
                _ when sessionInstance is not null => Ready(record, sessionInstance, now),
                _ => NotReady(record, backend, now),
            },
        };
    }

    /// <summary>The record once the main process of a boot has ended; the same object if that says nothing new.</summary>
    /// <param name="record">As it is stored.</param>
    /// <param name="instance">Instance id of the supervisor that reports.</param>
    /// <param name="bootEpoch">Epoch of its token.</param>
    /// <param name="exitCode">How the process ended; the first report stays. 0 leaves the sandbox usable, all else is an error.</param>
    /// <param name="now">Time of a transition.</param>
    public static SandboxRecord Exited(SandboxRecord record, string instance, int bootEpoch, int exitCode, DateTimeOffset now)
    {
        if (record.Phase is SandboxPhase.Deleting or SandboxPhase.Stopping or SandboxPhase.Stopped || bootEpoch != record.BootEpoch)
        {
            return record;
        }

        // A process that is quicker than its supervisor's session: the boot that is stored is none yet, or the one before.
        var early = record.InstanceId.Length == 0 || record.Phase == SandboxPhase.Starting;
        if (record.ExitCode is not null || (record.InstanceId != instance && !early))
        {
            return record;
        }

        var exited = record with { InstanceId = instance, ExitCode = exitCode };
        return exitCode == 0 || record.Phase == SandboxPhase.Error
            ? exited
            : exited.WithReady(SandboxCondition.False, SandboxCondition.MainProcessExited, $"Main process exited with code {exitCode}", now) with
            {
                Phase = SandboxPhase.Error,
            };
    }

    private static SandboxRecord Ready(SandboxRecord record, string instance, DateTimeOffset now) =>
        record.WithReady(SandboxCondition.True, "DependenciesReady", "Supervisor session connected", now) with
        {
            Phase = SandboxPhase.Ready,
            InstanceId = instance,
            // A new boot has a main process of its own.
            ExitCode = record.InstanceId == instance ? record.ExitCode : null,
        };

    private static SandboxRecord NotReady(SandboxRecord record, BackendSnapshot? backend, DateTimeOffset now)
    {
        var provisioning = record with { Phase = SandboxPhase.Provisioning };
        if (record.Phase == SandboxPhase.Ready || record.Ready?.Reason == "DependenciesNotReady")
        {
            return provisioning.WithReady(SandboxCondition.False, "DependenciesNotReady", "Supervisor session disconnected", now);
        }

        return backend switch
        {
            { Phase: BackendPhase.Ready } => provisioning.WithReady(
                SandboxCondition.False, "SupervisorNotConnected", "Backend ready; waiting for supervisor session", now),
            { Ready: { } ready } => provisioning.WithReady(ready.Status, ready.Reason, ready.Message, now),
            _ => provisioning,
        };
    }

    /// <summary>In its phase, with the driver's words.</summary>
    private static SandboxRecord Told(SandboxRecord record, BackendSnapshot backend, DateTimeOffset now) =>
        record.WithReady(backend.Ready!.Status, backend.Ready.Reason, backend.Ready.Message, now);

    private static SandboxRecord Failed(SandboxRecord record, BackendSnapshot backend, DateTimeOffset now)
    {
        var ready = backend.Ready!;
        return record.WithReady(SandboxCondition.False, ready.Reason, ready.Message, now) with { Phase = SandboxPhase.Error };
    }

    private static SandboxRecord Stopped(SandboxRecord record, DateTimeOffset now) =>
        record.WithReady(SandboxCondition.False, "Stopped", "Sandbox compute is stopped", now) with { Phase = SandboxPhase.Stopped };
}
