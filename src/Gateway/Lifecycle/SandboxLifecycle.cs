using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Stops, starts and deletes sandboxes. Each holds the sandbox's gate from its first look to its last write, so two of
/// them never cross; only a forced stop and a deletion reach past it, to end the grace that a stop gives the guest. Once
/// begun they run to their end, whatever becomes of the caller.
/// </summary>
internal sealed class SandboxLifecycle(
    SandboxStore store,
    ComputeClient driver,
    LiveSandboxes live,
    SandboxTokens tokens,
    TimeProvider time,
    ILogger<SandboxLifecycle> logger)
{
    /// <summary>
    /// Powers a sandbox off, whatever its phase; its disk stays. A guest that does not play along is killed after the
    /// driver's grace.
    /// </summary>
    /// <param name="sandbox">Which one.</param>
    /// <param name="force">Kills the machine without asking the guest, and ends the grace of a stop that is under way.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    public async Task<Outcome<SandboxRecord>> StopAsync(SandboxRecord sandbox, bool force, CancellationToken cancellationToken)
    {
        if (force)
        {
            await EndGraceAsync(sandbox, cancellationToken);
        }

        using var gate = await live.Gates.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        return current?.Phase switch
        {
            null => NotFound(sandbox),
            _ when current.IsUnreadable => Unreadable(current),
            SandboxPhase.Deleting => BeingDeleted(current),
            SandboxPhase.Stopped => current,
            _ => await StopUnderGateAsync(current, force),
        };
    }

    /// <summary>Stops a sandbox, or finishes a stop that was begun. For a caller that holds the sandbox's gate.</summary>
    public async Task<Outcome<SandboxRecord>> StopUnderGateAsync(SandboxRecord current, bool force = false)
    {
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", force ? "stop requested, by force" : "stop requested");
        await MarkAsync(current, r => r.WithReady(
            SandboxCondition.False, "Stopping", "Sandbox stop requested", time.GetUtcNow()) with
        { Phase = SandboxPhase.Stopping });
        Disconnect(current, "the sandbox was stopped");

        var stopped = await driver.StopAsync(current, force, CancellationToken.None);
        if (!stopped.Succeeded(out _, out var failure))
        {
            return await FailedAsync(current, "stop", failure);
        }

        var record = await live.Readiness.ChangeUnderGateAsync(current.Id, r => r.WithReady(
            SandboxCondition.False, "Stopped", "Sandbox compute is stopped", time.GetUtcNow()) with
        { Phase = SandboxPhase.Stopped }, CancellationToken.None);
        SandboxLog.Stopped(logger, current.Name, current.Id);
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "stopped");
        return record is null ? NotFound(current) : record;
    }

    /// <summary>
    /// Starts a sandbox on the disk it has, whatever its phase; returns before it is Ready. One that runs or is being
    /// started is left as it is, one that is being stopped is started afterwards.
    /// </summary>
    public async Task<Outcome<SandboxRecord>> StartAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        using var gate = await live.Gates.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        if (current?.Phase == SandboxPhase.Stopping)
        {
            // Nobody holds the gate, so this stop was interrupted.
            var stopped = await StopUnderGateAsync(current);
            if (!stopped.Succeeded(out current, out var failure))
            {
                return failure;
            }
        }

        return current?.Phase switch
        {
            null => NotFound(sandbox),
            _ when current.IsUnreadable => Unreadable(current),
            SandboxPhase.Deleting => BeingDeleted(current),
            SandboxPhase.Ready or SandboxPhase.Provisioning => current,
            SandboxPhase.Starting when !await IsInterruptedStartAsync(current, cancellationToken) => current,
            _ => await StartUnderGateAsync(current),
        };
    }

    /// <summary>
    /// Whether a start was begun and its machine does not run: the gateway was killed in between, or the driver was not
    /// there. For a caller that holds the sandbox's gate.
    /// </summary>
    public async Task<bool> IsInterruptedStartAsync(SandboxRecord current, CancellationToken cancellationToken) =>
        current.Phase == SandboxPhase.Starting
        && (current.IsRestarting
            || ((await driver.GetAsync(current, cancellationToken)).Succeeded(out var answer, out _)
                && DriverMapping.ToSnapshot(answer.Sandbox.Status).Phase == BackendPhase.Stopped));

    /// <summary>
    /// Starts the machine of a sandbox with a token of a new boot epoch; what may still run of an earlier boot is stopped
    /// first. For a caller that holds the sandbox's gate.
    /// </summary>
    public async Task<Outcome<SandboxRecord>> StartUnderGateAsync(SandboxRecord current)
    {
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "start requested");
        // In Error the main process may have ended and its machine still run. The reason is stored: a gateway that is
        // killed before the driver has begun the new boot cannot tell the old machine from the new one.
        var restarts = current.IsRestarting || current.Phase is SandboxPhase.Error or SandboxPhase.Unknown or SandboxPhase.Unspecified;
        var before = live.Backends.Find(current.Id);
        live.Backends.Remove(current.Id);
        var starting = await live.Readiness.ChangeUnderGateAsync(current.Id, r => r.WithReady(
            SandboxCondition.False, restarts ? SandboxCondition.Restarting : "Starting", "Sandbox start requested", time.GetUtcNow()) with
        { Phase = SandboxPhase.Starting, BootEpoch = r.BootEpoch + 1, ExitCode = null }, CancellationToken.None);
        if (starting is null)
        {
            return NotFound(current);
        }

        if (await TellDriverAsync(current, starting, restarts) is { } failure)
        {
            if (before is not null)
            {
                live.Backends.Set(current.Id, before);
            }

            await live.Readiness.ChangeUnderGateAsync(
                current.Id,
                r => r with { Phase = current.Phase, Conditions = current.Conditions, ExitCode = current.ExitCode },
                CancellationToken.None);
            return await FailedAsync(starting, "start", failure);
        }

        if (restarts)
        {
            starting = await live.Readiness.ChangeUnderGateAsync(
                current.Id,
                r => r.Phase == SandboxPhase.Starting ? r.WithReady(SandboxCondition.False, "Starting", "Sandbox start requested", time.GetUtcNow()) : r,
                CancellationToken.None) ?? starting;
        }

        SandboxLog.Started(logger, starting.Name, starting.Id, starting.BootEpoch);
        live.Journal.Note(starting.Id, LogLevels.Info, "sandbox", $"started, boot epoch {starting.BootEpoch}");
        return starting;
    }

    /// <summary>Deletes a sandbox and everything it owns.</summary>
    /// <returns>The record as it was; its phase is DELETING if the driver still had it.</returns>
    public async Task<Outcome<SandboxRecord>> DeleteAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        await EndGraceAsync(sandbox, cancellationToken);
        using var gate = await live.Gates.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        return current is null ? NotFound(sandbox) : await DeleteUnderGateAsync(current);
    }

    /// <summary>Deletes a sandbox, or finishes a deletion that was begun. For a caller that holds the sandbox's gate.</summary>
    public async Task<Outcome<SandboxRecord>> DeleteUnderGateAsync(SandboxRecord current)
    {
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "delete requested");
        var deleting = await MarkAsync(current, r => r with { Phase = SandboxPhase.Deleting });
        Disconnect(deleting, "the sandbox was deleted");
        var deleted = await driver.DeleteAsync(deleting, CancellationToken.None);
        if (!deleted.Succeeded(out _, out var failure) && failure.Kind != FailureKind.NotFound)
        {
            // The row stays in DELETING: asking again continues where this ended.
            SandboxLog.Failed(logger, current.Name, current.Id, "delete", failure.Message);
            live.Journal.Note(current.Id, LogLevels.Error, "sandbox", $"delete failed: {failure.Message}");
            return failure with { Message = $"delete sandbox failed: {failure.Message}" };
        }

        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "deleted");
        await store.DeleteAsync(current.Id, CancellationToken.None);
        live.Forget(current.Id);
        SandboxLog.Deleted(logger, current.Name, current.Id);
        return deleting;
    }

    /// <summary>
    /// A sandbox whose machine has gone without anybody here asking for it. For a caller that holds the sandbox's gate.
    /// </summary>
    public async Task MachineGoneUnderGateAsync(SandboxRecord current)
    {
        const string Reason = "ComputeResourceMissing";
        const string Message = "The sandbox's machine has disappeared; delete the sandbox to clean up";
        await live.Readiness.ChangeUnderGateAsync(
            current.Id,
            r => r.WithReady(SandboxCondition.False, Reason, Message, time.GetUtcNow()) with { Phase = SandboxPhase.Error },
            CancellationToken.None);
        SandboxLog.MachineGone(logger, current.Name, current.Id);
    }

    /// <summary>
    /// After the key of the tokens was lost: no supervisor that runs can come in any more, so a machine that runs is
    /// powered off and started with a new token. For a caller that holds the sandbox's gate.
    /// </summary>
    /// <returns>False if the key is as it was.</returns>
    public async Task<bool> RestartIfKeyIsNewUnderGateAsync(SandboxRecord current)
    {
        if (!tokens.KeyIsNew)
        {
            return false;
        }

        SandboxLog.KeyLost(logger, current.Name, current.Id);
        if ((await StopUnderGateAsync(current)).Succeeded(out var stopped, out _))
        {
            // What fails is logged, and the sandbox is stopped then.
            await StartUnderGateAsync(stopped);
        }

        return true;
    }

    // The stop holds the sandbox's gate while it waits for the guest. What fails here only means that its grace is waited for.
    private async Task EndGraceAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(sandbox.Id, cancellationToken) is { } current && (current.Phase == SandboxPhase.Stopping || current.IsRestarting))
        {
            await driver.StopAsync(current, force: true, cancellationToken);
        }
    }

    /// <summary>
    /// Notes what is going to happen, for whoever finishes it if we are killed. On a full disk it happens all the same: it
    /// is what makes room.
    /// </summary>
    private async Task<SandboxRecord> MarkAsync(SandboxRecord current, Func<SandboxRecord, SandboxRecord> change)
    {
        try
        {
            return await live.Readiness.ChangeUnderGateAsync(current.Id, change, CancellationToken.None) ?? current;
        }
        catch (StoreUnavailableException e) when (e.IsFull)
        {
            SandboxLog.Failed(logger, current.Name, current.Id, "noting of the next step", e.Message);
            return change(current);
        }
    }

    private async Task<Failure?> TellDriverAsync(SandboxRecord before, SandboxRecord starting, bool restarts)
    {
        if (restarts)
        {
            Disconnect(before, "the sandbox was started again");
            var stopped = await driver.StopAsync(starting, force: false, CancellationToken.None);
            if (!stopped.Succeeded(out _, out var problem))
            {
                return problem;
            }
        }

        var token = tokens.Issue(starting.Id, starting.BootEpoch).Value;
        var started = await driver.StartAsync(starting, token, CancellationToken.None);
        return started.Succeeded(out _, out var failure) ? null : failure;
    }

    /// <summary>What the caller is told, and what the sandbox says from now on if there is nothing to stop or start.</summary>
    private async Task<Failure> FailedAsync(SandboxRecord sandbox, string operation, Failure failure)
    {
        SandboxLog.Failed(logger, sandbox.Name, sandbox.Id, operation, failure.Message);
        live.Journal.Note(sandbox.Id, LogLevels.Error, "sandbox", $"{operation} failed: {failure.Message}");
        if (failure.Kind == FailureKind.NotFound)
        {
            await MachineGoneUnderGateAsync(sandbox);
            return new Failure(
                FailureKind.FailedPrecondition, $"{operation} sandbox failed: the machine of '{sandbox.Name}' has disappeared; delete the sandbox to clean up");
        }

        return failure with { Message = $"{operation} sandbox failed: {failure.Message}" };
    }

    private void Disconnect(SandboxRecord sandbox, string reason)
    {
        live.Sessions.Disconnect(sandbox.Id, sandbox.BootEpoch + 1);
        live.Relays.CloseAll(sandbox.Id, reason);
    }

    private static Failure BeingDeleted(SandboxRecord sandbox) =>
        new(FailureKind.FailedPrecondition, $"sandbox '{sandbox.Name}' is being deleted");

    private static Failure Unreadable(SandboxRecord sandbox) =>
        new(FailureKind.FailedPrecondition, $"sandbox '{sandbox.Name}': {sandbox.Ready!.Message}");

    private static Failure NotFound(SandboxRecord sandbox) => new(FailureKind.NotFound, $"sandbox '{sandbox.Name}' not found");
}
