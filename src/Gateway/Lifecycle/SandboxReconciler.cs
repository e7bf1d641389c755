using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Why a sandbox is looked at.</summary>
internal enum ReconcileReason
{
    /// <summary>The gateway has just started, and follows no events of the driver yet.</summary>
    Startup,

    /// <summary>As <see cref="Startup"/>, after the key of the tokens was lost.</summary>
    StartupWithNewKey,

    /// <summary>What is stored and what the driver has may differ.</summary>
    Difference,

    /// <summary>The driver said that it has nothing of the sandbox any more.</summary>
    MachineGone,

    /// <summary>The driver has had nothing of the sandbox for long, and no supervisor was connected in that time.</summary>
    MachineMissing,
}

/// <summary>
/// Brings one sandbox and its machine in line: missed events, operations that were begun and not finished, rows without a
/// machine, what was to run when the gateway ended. The one place that decides this, always under the sandbox's lock and
/// from a fresh look at both sides: whatever was said earlier may be about an earlier boot.
/// </summary>
internal sealed class SandboxReconciler(
    SandboxStore store,
    SandboxLocks locks,
    DriverClient driver,
    DriverStatusCache statuses,
    ReadinessController readiness,
    SandboxTransitions transitions)
{
    /// <summary>Takes an event of the driver.</summary>
    public Task ApplyAsync(DriverEvent next, CancellationToken cancellationToken) => next switch
    {
        // May have waited for a start to leave the lock, so what counts is what the driver says then.
        DriverStatusEvent { Status.Phase: DriverPhase.Error or DriverPhase.Stopped } =>
            ReconcileAsync(next.SandboxId, ReconcileReason.Difference, cancellationToken),
        DriverStatusEvent changed => readiness.SetDriverStatusAsync(next.SandboxId, changed.Status, cancellationToken),
        DriverRemovedEvent => ReconcileAsync(next.SandboxId, ReconcileReason.MachineGone, cancellationToken),
        _ => Task.CompletedTask,
    };

    /// <summary>Looks at both sides and does what is missing.</summary>
    public async Task ReconcileAsync(string sandboxId, ReconcileReason reason, CancellationToken cancellationToken)
    {
        using var held = await locks.EnterAsync(sandboxId, cancellationToken);
        if (await store.GetAsync(sandboxId, cancellationToken) is not { } row)
        {
            // Deleted by us. The driver's last event may have come after the row had gone.
            readiness.Forget(sandboxId);
            return;
        }

        // Whoever began these holds no lock any more: the gateway was killed, or the driver failed.
        if (row.IsUnfinished)
        {
            _ = row.Phase == SandboxPhase.Stopping ? await transitions.StopAsync(row) : await transitions.DeleteAsync(row);
            return;
        }

        if (IsStartup(reason) && !row.IsToRun)
        {
            return;
        }

        var seen = statuses.Find(row.Id);
        var found = await driver.GetAsync(row.Id, row.Name, cancellationToken);
        if (!found.Succeeded(out var machine, out var failure))
        {
            if (failure.Kind == FailureKind.NotFound)
            {
                await MissingAsync(row, reason);
            }

            return;
        }

        if (IsInterruptedStart(row, machine) || (IsStartup(reason) && machine.Phase == DriverPhase.Stopped))
        {
            await StartAsync(row, reason);
        }
        else if (reason == ReconcileReason.StartupWithNewKey && machine.Phase is DriverPhase.Ready or DriverPhase.Provisioning)
        {
            await transitions.RestartForNewKeyAsync(row);
        }
        else
        {
            // Not over an event that came while the answer was on its way.
            statuses.TryReplace(row.Id, seen, machine);
            await readiness.ChangeLockedAsync(row.Id, r => r, cancellationToken);
        }
    }

    /// <summary>
    /// Whether a start was begun and its machine does not run: the gateway was killed in between, or the driver was not
    /// there.
    /// </summary>
    public static bool IsInterruptedStart(SandboxRecord row, DriverStatus machine) =>
        row.IsRestarting || (row.Phase == SandboxPhase.Starting && machine.Phase == DriverPhase.Stopped);

    private async Task StartAsync(SandboxRecord row, ReconcileReason reason)
    {
        // What fails later is tried again with the next look.
        if (!(await transitions.StartAsync(row, StartCause.Recovery)).Succeeded(out _, out var failure) && IsStartup(reason))
        {
            await transitions.FailAsync(row, "StartFailed", $"Failed to start sandbox during gateway startup: {failure.Message}");
        }
    }

    private Task MissingAsync(SandboxRecord row, ReconcileReason reason) => reason switch
    {
        // Waits for its owner to look at it, or for its restart policy to find out.
        _ when row.HasEnded => Task.CompletedTask,
        _ when IsStartup(reason) => transitions.FailAsync(
            row, "BackendResourceMissing", "Sandbox compute resource disappeared while the gateway was offline"),
        // There is nothing that the start could be finished with.
        _ when row.IsRestarting => transitions.MachineGoneAsync(row),
        ReconcileReason.MachineGone => transitions.MachineGoneAsync(row),
        // Looked at again under the lock: a supervisor that has connected meanwhile runs somewhere.
        ReconcileReason.MachineMissing when !readiness.IsConnected(row.Id) => transitions.MachineGoneAsync(row),
        _ => Task.CompletedTask,
    };

    private static bool IsStartup(ReconcileReason reason) => reason is ReconcileReason.Startup or ReconcileReason.StartupWithNewKey;
}
