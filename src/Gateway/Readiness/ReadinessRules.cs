using System.Collections.Frozen;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

/// <summary>
/// How what is stored, what the driver says and whether a session lives make a sandbox's phase.
/// Pure functions. The phases and reasons are those of OpenShell's gateway, so that its clients read ours; what differs is
/// that READY needs a live session, and that a driver's status of an earlier boot never moves a sandbox that is restarting.
/// </summary>
internal static class ReadinessRules
{
    private const string NotConnected = "SupervisorNotConnected";

    /// <summary>Reasons of Ready=False that pass by themselves; every other one is final.</summary>
    private static readonly FrozenSet<string> Transient = new[]
    {
        "ReconcilerError", "DependenciesNotReady", NotConnected, "Starting",
        "ContainerStarting", "ContainerCreated", "HealthCheckStarting", "InspectFailed",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reasons of Ready=False that say no more than that the machine has ended: what a stop asks for.</summary>
    private static readonly FrozenSet<string> Ended = new[]
    {
        "ContainerExited", "ContainerStopped", "ProcessExited",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether this reason of the driver says that the machine has ended.</summary>
    public static bool IsMachineEnd(string reason) => Ended.Contains(reason);

    /// <summary>The driver's conditions in one word.</summary>
    /// <param name="hasStatus">False if the driver sent none.</param>
    /// <param name="deleting">The driver is deleting the sandbox.</param>
    public static DriverStatus Derive(bool hasStatus, bool deleting, IReadOnlyList<SandboxCondition> conditions)
    {
        var ready = conditions.FirstOrDefault(c => c.Type == SandboxCondition.ReadyType);
        var suspended = conditions.Any(c => c is { Type: "Suspended", Status: SandboxCondition.True });
        var phase = (hasStatus, deleting, suspended, ready?.Status) switch
        {
            (false, _, _, _) => DriverPhase.Unknown,
            (_, true, _, _) => DriverPhase.Deleting,
            (_, _, true, _) => DriverPhase.Stopped,
            (_, _, _, SandboxCondition.True) => DriverPhase.Ready,
            (_, _, _, SandboxCondition.False) when ready!.Reason == SandboxCondition.HostDiskFull => DriverPhase.Paused,
            (_, _, _, SandboxCondition.False) when !Transient.Contains(ready!.Reason) => DriverPhase.Error,
            _ => DriverPhase.Provisioning,
        };
        return new DriverStatus(phase, ready);
    }

    /// <summary>The record as it should be now; the same object if nothing changes.</summary>
    /// <param name="driver">The driver's last status; null if it has sent none.</param>
    /// <param name="sessionInstance">Instance id of the live session; null if there is none.</param>
    public static SandboxRecord Compose(SandboxRecord record, DriverStatus? driver, string? sessionInstance, DateTimeOffset now)
    {
        var driverPhase = driver?.Phase ?? DriverPhase.Unknown;
        var isAdmitted = ConfigurationRules.LetsBeReady(record);
        return record.Phase switch
        {
            // Only a stop, a start or a deletion leads out of these.
            SandboxPhase.Error or SandboxPhase.Completed or SandboxPhase.Stopped or SandboxPhase.Deleting => record,
            SandboxPhase.Stopping => driverPhase switch
            {
                DriverPhase.Stopped => Stopped(record, now),
                DriverPhase.Error when Ended.Contains(driver!.Ready!.Reason) => Stopped(record, now),
                DriverPhase.Error => Failed(record, driver!, now),
                _ => record,
            },
            // What the driver says is about the boot before.
            SandboxPhase.Starting when record.IsRestarting => record,
            SandboxPhase.Starting => (driverPhase, sessionInstance) switch
            {
                (DriverPhase.Error, _) => Failed(record, driver!, now),
                // The end of the boot before: what it says is over.
                (DriverPhase.Stopped or DriverPhase.Deleting, _) => record,
                (DriverPhase.Paused, _) => Told(record, driver!, now),
                (_, not null) => isAdmitted ? Ready(record, sessionInstance, now) : NotAdmitted(record, now),
                _ when record.Ready?.Reason == SandboxCondition.HostDiskFull && driver?.Ready is not null => Told(record, driver, now),
                _ => record,
            },
            _ => driverPhase switch
            {
                DriverPhase.Error => Failed(record, driver!, now),
                DriverPhase.Deleting => record with { Phase = SandboxPhase.Deleting },
                DriverPhase.Stopped => Stopped(record, now),
                DriverPhase.Paused => Told(record, driver!, now) with { Phase = SandboxPhase.Provisioning },
                _ when sessionInstance is not null && isAdmitted => Ready(record, sessionInstance, now),
                _ when sessionInstance is not null => NotAdmitted(record, now) with { Phase = SandboxPhase.Provisioning },
                _ => NotReady(record, driver, now),
            },
        };
    }

    /// <summary>The record once the main process of a boot has ended; the same object if that says nothing new.</summary>
    /// <param name="instance">Instance id of the supervisor that reports.</param>
    /// <param name="bootEpoch">Epoch of its token.</param>
    /// <param name="exitCode">How the process ended; the first report of a boot stays. 0 completes the sandbox, all else is an error.</param>
    public static SandboxRecord Exited(SandboxRecord record, string instance, int bootEpoch, int exitCode, DateTimeOffset now)
    {
        if (record.Phase is SandboxPhase.Deleting or SandboxPhase.Stopping or SandboxPhase.Stopped || bootEpoch != record.BootEpoch)
        {
            return record;
        }

        // A process that is quicker than its supervisor's session: the boot that is stored is none yet, or the one before.
        var early = record.InstanceId.Length == 0 || record.Phase == SandboxPhase.Starting;
        if (record.HasExitOf(instance, bootEpoch) || (record.InstanceId != instance && !early))
        {
            return record;
        }

        var exited = record with
        {
            InstanceId = instance,
            ExitCode = exitCode,
            ExitEpoch = bootEpoch,
        };
        return record.HasEnded ? exited
            : exitCode == 0 ? exited.WithReady(
                SandboxCondition.False, SandboxCondition.MainProcessCompleted, "Main process exited with code 0", now) with
            {
                Phase = SandboxPhase.Completed,
            }
            : exited.WithReady(
                SandboxCondition.False, SandboxCondition.MainProcessFailed, $"Main process exited with code {exitCode}", now) with
            {
                Phase = SandboxPhase.Error,
            };
    }

    /// <summary>The record once what the main process wrote has reached its clients; null: that is not the boot whose end is known.</summary>
    public static SandboxRecord? OutputTaken(SandboxRecord record, string instance, int bootEpoch) =>
        bootEpoch == record.BootEpoch && record.HasExitOf(instance, bootEpoch)
            ? record with { OutputAwaitedUntil = null }
            : null;

    private static SandboxRecord Ready(SandboxRecord record, string instance, DateTimeOffset now)
    {
        // A start leads to another run, whatever its driver calls it.
        var isSame = record.InstanceId == instance && record.Phase != SandboxPhase.Starting;
        return record.WithReady(SandboxCondition.True, "DependenciesReady", "Supervisor session connected", now) with
        {
            Phase = SandboxPhase.Ready,
            InstanceId = instance,
            // A new boot has a main process of its own.
            ExitCode = isSame && record.HasExitOf(instance, record.BootEpoch) ? record.ExitCode : null,
            MainProcessStarted = isSame && record.MainProcessStarted is { } since ? since : now,
            OutputAwaitedUntil = null,
        };
    }

    private static SandboxRecord NotReady(SandboxRecord record, DriverStatus? driver, DateTimeOffset now)
    {
        var provisioning = record with { Phase = SandboxPhase.Provisioning };
        if (record.WasReady)
        {
            return provisioning.WithReady(SandboxCondition.False, NotConnected, "Supervisor session disconnected", now) with
            {
                // Rows of gateways that did not note it.
                MainProcessStarted = record.MainProcessStarted ?? now,
            };
        }

        return driver switch
        {
            { Phase: DriverPhase.Ready } => provisioning.WithReady(
                SandboxCondition.False, NotConnected, "Backend ready; waiting for supervisor session", now),
            { Ready: { } ready } => provisioning.WithReady(ready.Status, ready.Reason, ready.Message, now),
            _ => provisioning,
        };
    }

    /// <summary>In its phase; a session is there, and what it is to run under is not in force.</summary>
    private static SandboxRecord NotAdmitted(SandboxRecord record, DateTimeOffset now) => record.AdmissionOfThisBoot == AdmissionState.Rejected
        ? record.WithReady(
            SandboxCondition.False, SandboxCondition.ConfigurationRejected, $"The supervisor rejected the configuration: {record.Admission!.Error}", now)
        : record.WithReady(
            SandboxCondition.False, SandboxCondition.ConfigurationPending, "The supervisor has not accepted the configuration yet", now);

    /// <summary>In its phase, with the driver's condition.</summary>
    private static SandboxRecord Told(SandboxRecord record, DriverStatus driver, DateTimeOffset now) =>
        record.WithReady(driver.Ready!.Status, driver.Ready.Reason, driver.Ready.Message, now);

    private static SandboxRecord Failed(SandboxRecord record, DriverStatus driver, DateTimeOffset now)
    {
        var ready = driver.Ready!;
        return record.WithReady(SandboxCondition.False, ready.Reason, ready.Message, now) with { Phase = SandboxPhase.Error };
    }

    private static SandboxRecord Stopped(SandboxRecord record, DateTimeOffset now) =>
        record.WithReady(SandboxCondition.False, "Stopped", "Sandbox compute is stopped", now) with { Phase = SandboxPhase.Stopped };
}
