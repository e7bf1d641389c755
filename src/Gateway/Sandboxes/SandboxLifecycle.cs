using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Compute;
using OpenShell.Protocol.Logs;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>
/// Stops, starts and deletes sandboxes. Each holds the sandbox's gate from its first look to its last write, so two of
/// them never cross. Once begun they run to their end, whatever becomes of the caller.
/// </summary>
internal sealed class SandboxLifecycle(
    SandboxStore store,
    ComputeClient driver,
    LiveSandboxes live,
    SandboxTokens tokens,
    TimeProvider time,
    ILogger<SandboxLifecycle> logger)
{
    /// <summary>Powers a sandbox off; its disk stays.</summary>
    public async Task<Outcome<SandboxRecord>> StopAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        using var gate = await live.Gates.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        switch (current?.Phase)
        {
            case null:
                return NotFound(sandbox);
            case SandboxPhase.Stopped:
                return current;
            case SandboxPhase.Ready or SandboxPhase.Stopping:
                return await StopUnderGateAsync(current);
            default:
                return new Failure(
                    FailureKind.FailedPrecondition, $"sandbox must be Ready to stop (current phase: {current.Phase})");
        }
    }

    /// <summary>Stops a sandbox, or finishes a stop that was begun. For a caller that holds the sandbox's gate.</summary>
    public async Task<Outcome<SandboxRecord>> StopUnderGateAsync(SandboxRecord current)
    {
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "stop requested");
        await live.Readiness.ChangeUnderGateAsync(current.Id, r => r.WithReady(
            SandboxCondition.False, "Stopping", "Sandbox stop requested", time.GetUtcNow()) with
        { Phase = SandboxPhase.Stopping }, CancellationToken.None);
        Disconnect(current, "the sandbox was stopped");

        var stopped = await driver.StopAsync(current, CancellationToken.None);
        if (!stopped.Succeeded(out _, out var failure))
        {
            SandboxLog.Failed(logger, current.Name, current.Id, "stop", failure.Message);
            live.Journal.Note(current.Id, LogLevels.Error, "sandbox", $"stop failed: {failure.Message}");
            return failure with { Message = $"stop sandbox failed: {failure.Message}" };
        }

        var record = await live.Readiness.ChangeUnderGateAsync(current.Id, r => r.WithReady(
            SandboxCondition.False, "Stopped", "Sandbox compute is stopped", time.GetUtcNow()) with
        { Phase = SandboxPhase.Stopped }, CancellationToken.None);
        SandboxLog.Stopped(logger, current.Name, current.Id);
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "stopped");
        return record is null ? NotFound(current) : record;
    }

    /// <summary>Starts a stopped sandbox; returns before it is Ready.</summary>
    public async Task<Outcome<SandboxRecord>> StartAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        using var gate = await live.Gates.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        return current?.Phase switch
        {
            null => NotFound(sandbox),
            SandboxPhase.Ready => current,
            SandboxPhase.Stopped or SandboxPhase.Starting => await StartUnderGateAsync(current, SandboxPhase.Starting),
            _ => new Failure(
                FailureKind.FailedPrecondition, $"sandbox must be Stopped to start (current phase: {current.Phase})"),
        };
    }

    /// <summary>
    /// Starts the machine of a sandbox with a token of a new boot epoch. For a caller that holds the sandbox's gate.
    /// </summary>
    public async Task<Outcome<SandboxRecord>> StartUnderGateAsync(SandboxRecord current, SandboxPhase phase)
    {
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "start requested");
        var before = live.Backends.Find(current.Id);
        live.Backends.Remove(current.Id);
        var starting = await live.Readiness.ChangeUnderGateAsync(current.Id, r => r.WithReady(
            SandboxCondition.False, "Starting", "Sandbox start requested", time.GetUtcNow()) with
        { Phase = phase, BootEpoch = r.BootEpoch + 1, ExitCode = null }, CancellationToken.None);
        if (starting is null)
        {
            return NotFound(current);
        }

        var started = await driver.StartAsync(starting, tokens.Issue(starting.Id, starting.BootEpoch).Value, CancellationToken.None);
        if (!started.Succeeded(out _, out var failure))
        {
            SandboxLog.Failed(logger, starting.Name, starting.Id, "start", failure.Message);
            live.Journal.Note(starting.Id, LogLevels.Error, "sandbox", $"start failed: {failure.Message}");
            if (before is not null)
            {
                live.Backends.Set(current.Id, before);
            }

            await live.Readiness.ChangeUnderGateAsync(
                current.Id, r => r with { Phase = current.Phase, Conditions = current.Conditions }, CancellationToken.None);
            return failure with { Message = $"start sandbox failed: {failure.Message}" };
        }

        SandboxLog.Started(logger, starting.Name, starting.Id, starting.BootEpoch);
        live.Journal.Note(starting.Id, LogLevels.Info, "sandbox", $"started, boot epoch {starting.BootEpoch}");
        return starting;
    }

    /// <summary>Deletes a sandbox and everything it owns.</summary>
    /// <returns>The record as it was; its phase is DELETING if the driver still had it.</returns>
    public async Task<Outcome<SandboxRecord>> DeleteAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        using var gate = await live.Gates.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        return current is null ? NotFound(sandbox) : await DeleteUnderGateAsync(current);
    }

    /// <summary>Deletes a sandbox, or finishes a deletion that was begun. For a caller that holds the sandbox's gate.</summary>
    public async Task<Outcome<SandboxRecord>> DeleteUnderGateAsync(SandboxRecord current)
    {
        live.Journal.Note(current.Id, LogLevels.Info, "sandbox", "delete requested");
        var deleting = await live.Readiness.ChangeUnderGateAsync(
            current.Id, r => r with { Phase = SandboxPhase.Deleting }, CancellationToken.None) ?? current;
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

    /// <summary>Drops a sandbox that has no machine any more. For a caller that holds the sandbox's gate.</summary>
    public async Task RemoveUnderGateAsync(SandboxRecord current)
    {
        await store.DeleteAsync(current.Id, CancellationToken.None);
        Disconnect(current, "the sandbox's machine has disappeared");
        live.Forget(current.Id);
        SandboxLog.OrphanRemoved(logger, current.Name, current.Id);
    }

    private void Disconnect(SandboxRecord sandbox, string reason)
    {
        live.Sessions.Disconnect(sandbox.Id, sandbox.BootEpoch + 1);
        live.Relays.CloseAll(sandbox.Id, reason);
    }

    private static Failure NotFound(SandboxRecord sandbox) => new(FailureKind.NotFound, $"sandbox '{sandbox.Name}' not found");
}
