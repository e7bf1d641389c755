using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Who wants a sandbox to start.</summary>
internal enum StartCause
{
    /// <summary>Its user: what went before does not count any more.</summary>
    User,

    /// <summary>Its restart policy.</summary>
    Policy,

    /// <summary>The gateway, which finishes what was begun or brings back what was to run.</summary>
    Recovery,
}

/// <summary>
/// The steps of a sandbox's life, each for a caller that holds the sandbox's lock: what is going to happen is stored, the
/// driver does it, what has happened is stored. One that was interrupted is finished by calling it again.
/// </summary>
internal sealed class SandboxTransitions(
    DriverClient driver,
    RelayBroker relays,
    DriverStatusCache statuses,
    ReadinessController readiness,
    SandboxNotes notes,
    TimeProvider time)
{
    private static readonly TimeSpan CleanupRetry = TimeSpan.FromSeconds(30);

    /// <summary>Stops a sandbox, or finishes a stop that was begun.</summary>
    public async Task<Outcome<SandboxRecord>> StopAsync(SandboxRecord current, bool force = false)
    {
        notes.StopRequested(current, force);
        await StoreIntentAsync(current, r => r.WithReady(
            SandboxCondition.False, "Stopping", "Sandbox stop requested", time.GetUtcNow()) with
        { Phase = SandboxPhase.Stopping });
        await DisconnectAsync(current, "the sandbox was stopped");
        if (await driver.StopAsync(current, force, CancellationToken.None) is { } failure)
        {
            return await FailedAsync(current, "stop", failure);
        }

        var record = await readiness.ChangeLockedAsync(current.Id, r => r.WithReady(
            SandboxCondition.False, "Stopped", "Sandbox compute is stopped", time.GetUtcNow()) with
        { Phase = SandboxPhase.Stopped }, CancellationToken.None);
        notes.Stopped(current);
        return record is null ? current.NotFound() : record;
    }

    /// <summary>
    /// Starts the machine of a sandbox with a token of a new boot epoch; what may still run of an earlier boot is stopped
    /// first. The count of its restarts, and that none is due any more, are stored with the epoch: whoever finds this
    /// interrupted goes on with it, and does not begin another one.
    /// </summary>
    public async Task<Outcome<SandboxRecord>> StartAsync(SandboxRecord current, StartCause cause)
    {
        notes.StartRequested(current, cause);
        if (!(await driver.AgreeAsync(CancellationToken.None)).Succeeded(out var contract, out var disagreement))
        {
            if (cause == StartCause.Policy)
            {
                await readiness.ChangeLockedAsync(current.Id, readiness.Life.WithLaterRestart, CancellationToken.None);
            }

            return await FailedAsync(current, "start", disagreement);
        }

        // The main process may have ended and its machine still run. The reason is stored: a gateway that is
        // killed before the driver has begun the new boot cannot tell the old machine from the new one.
        var restarts = current.IsRestarting || current.HasEnded || current.Phase is SandboxPhase.Unknown or SandboxPhase.Unspecified;
        // What the driver said is about the boot before; it must not decide about the new one.
        var before = statuses.Find(current.Id);
        statuses.Remove(current.Id);
        var starting = await readiness.ChangeLockedAsync(current.Id, r => readiness.Life.WithAttempt(Starting(r, restarts)) with
        {
            BootEpoch = r.BootEpoch + (contract.TakesStartTokens ? 1 : 0),
            Run = r.Run + 1,
            RestartCount = cause switch
            {
                StartCause.User => 0,
                StartCause.Policy => r.RestartCount + 1,
                _ => r.RestartCount,
            },
            OutputAwaitedUntil = null,
        }, CancellationToken.None);
        if (starting is null)
        {
            return current.NotFound();
        }

        if (await TellDriverAsync(current, starting, restarts) is { } failure)
        {
            if (before is not null)
            {
                statuses.Set(current.Id, before);
            }

            await readiness.ChangeLockedAsync(
                current.Id,
                // The count stays: what the policy could not start is tried again, later each time.
                r => r with { Phase = current.Phase, Conditions = current.Conditions, Provisioning = current.Provisioning },
                CancellationToken.None);
            return await FailedAsync(starting, "start", failure);
        }

        if (restarts)
        {
            starting = await readiness.ChangeLockedAsync(
                current.Id, r => r.Phase == SandboxPhase.Starting ? Starting(r, restarts: false) : r, CancellationToken.None) ?? starting;
        }

        notes.Started(starting);
        return starting;
    }

    /// <summary>
    /// After the key of the tokens was lost: no supervisor that runs can come in any more, so a machine that runs is
    /// powered off and started with a new token. What fails is noted, and the sandbox is stopped then.
    /// </summary>
    public async Task RestartForNewKeyAsync(SandboxRecord current)
    {
        notes.KeyLost(current);
        if ((await StopAsync(current)).Succeeded(out var stopped, out _))
        {
            await StartAsync(stopped, StartCause.Recovery);
        }
    }

    /// <summary>The sandbox was not READY in time: it is in ERROR, and its machine goes.</summary>
    public async Task TimeOutAsync(SandboxRecord current)
    {
        notes.TimedOut(current);
        if (await readiness.ChangeLockedAsync(current.Id, readiness.Life.TimedOut, CancellationToken.None) is { } failed)
        {
            await CleanUpAsync(failed);
        }
    }

    /// <summary>Stops the machine of a sandbox that was not READY in time; its disk stays. What fails is tried again later.</summary>
    public async Task CleanUpAsync(SandboxRecord current)
    {
        await DisconnectAsync(current, "the sandbox was not ready in time");
        var failure = await driver.StopAsync(current, force: true, CancellationToken.None);
        var now = time.GetUtcNow();
        var isDone = failure is null || failure.Kind == FailureKind.NotFound;
        if (!isDone)
        {
            notes.Failed(current, "clean-up", failure!.Message);
        }

        await readiness.ChangeLockedAsync(
            current.Id,
            r => r with
            {
                Provisioning = isDone
                    ? r.Provisioning! with { CleanedUp = now, CleanupError = "", CleanupRetry = null }
                    : r.Provisioning! with { CleanupError = failure!.Message, CleanupRetry = now + CleanupRetry },
            },
            CancellationToken.None);
    }

    /// <summary>Deletes a sandbox, or finishes a deletion that was begun.</summary>
    public async Task<Outcome<SandboxRecord>> DeleteAsync(SandboxRecord current)
    {
        notes.DeleteRequested(current);
        var deleting = await StoreIntentAsync(current, r => r with { Phase = SandboxPhase.Deleting });
        relays.Disconnect(deleting.Id, deleting.BootEpoch + 1, "the sandbox was deleted");
        if (await driver.DeleteAsync(deleting, CancellationToken.None) is { } failure && failure.Kind != FailureKind.NotFound)
        {
            // The row stays in DELETING: asking again continues where this ended.
            notes.Failed(current, "delete", failure.Message);
            return failure with { Message = $"delete sandbox failed: {failure.Message}" };
        }

        notes.MachineDeleted(current);
        await readiness.DeleteLockedAsync(current.Id);
        notes.Deleted(current);
        return deleting;
    }

    /// <summary>The sandbox's machine has gone without anybody here asking for it.</summary>
    public async Task MachineGoneAsync(SandboxRecord current)
    {
        await FailAsync(current, "ComputeResourceMissing", "The sandbox's machine has disappeared; delete the sandbox to clean up");
        notes.MachineGone(current);
    }

    /// <summary>Puts the sandbox in ERROR.</summary>
    public Task FailAsync(SandboxRecord current, string reason, string message) => readiness.ChangeLockedAsync(
        current.Id,
        r => r.WithReady(SandboxCondition.False, reason, message, time.GetUtcNow()) with { Phase = SandboxPhase.Error },
        CancellationToken.None);

    private SandboxRecord Starting(SandboxRecord record, bool restarts) => record.WithReady(
        SandboxCondition.False, restarts ? SandboxCondition.Restarting : "Starting", "Sandbox start requested", time.GetUtcNow()) with
    {
        Phase = SandboxPhase.Starting,
    };

    /// <summary>
    /// Stores what is going to happen, for whoever finishes it if we are killed. On a full disk it happens all the same: it
    /// is what makes room.
    /// </summary>
    private async Task<SandboxRecord> StoreIntentAsync(SandboxRecord current, Func<SandboxRecord, SandboxRecord> change)
    {
        try
        {
            return await readiness.ChangeLockedAsync(current.Id, change, CancellationToken.None) ?? current;
        }
        catch (StoreUnavailableException e) when (e.IsFull)
        {
            notes.NotStored(current, e.Message);
            return change(current);
        }
    }

    private async Task<Failure?> TellDriverAsync(SandboxRecord before, SandboxRecord starting, bool restarts)
    {
        if (restarts)
        {
            await DisconnectAsync(before, "the sandbox was started again");
            if (await driver.StopAsync(starting, force: false, CancellationToken.None) is { } failure)
            {
                return failure;
            }
        }

        return await driver.StartAsync(starting, CancellationToken.None);
    }

    /// <summary>What the caller is told, and what the sandbox says from now on if there is nothing to stop or start.</summary>
    private async Task<Failure> FailedAsync(SandboxRecord sandbox, string operation, Failure failure)
    {
        notes.Failed(sandbox, operation, failure.Message);
        if (failure.Kind == FailureKind.NotFound)
        {
            await MachineGoneAsync(sandbox);
            return new Failure(
                FailureKind.FailedPrecondition,
                $"{operation} sandbox failed: the machine of '{sandbox.Name}' has disappeared; delete the sandbox to clean up");
        }

        return failure with { Message = $"{operation} sandbox failed: {failure.Message}" };
    }

    // A sandbox that keeps its token has to come back with it.
    private async Task DisconnectAsync(SandboxRecord sandbox, string reason)
    {
        var keepsToken = !(await driver.AgreeAsync(CancellationToken.None)).Succeeded(out var contract, out _) || !contract.TakesStartTokens;
        relays.Disconnect(sandbox.Id, keepsToken ? sandbox.BootEpoch : sandbox.BootEpoch + 1, reason);
    }
}
