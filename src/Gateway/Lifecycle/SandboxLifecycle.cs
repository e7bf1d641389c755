using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Stops, starts and deletes sandboxes. Each holds the sandbox's lock from its first look to its last write, so two of
/// them never cross; only a forced stop and a deletion reach past it, to end the grace that a stop gives the guest. Once
/// begun they run to their end, whatever becomes of the caller.
/// </summary>
internal sealed class SandboxLifecycle(SandboxStore store, DriverClient driver, SandboxLocks locks, SandboxTransitions transitions)
{
    /// <summary>
    /// Powers a sandbox off, whatever its phase; its disk stays. A guest that does not power off by itself is killed after
    /// the driver's grace.
    /// </summary>
    /// <param name="force">Kills the machine without asking the guest, and ends the grace of a stop that is under way.</param>
    /// <param name="cancellationToken">Ends the wait for its turn.</param>
    public async Task<Outcome<SandboxRecord>> StopAsync(SandboxRecord sandbox, bool force, CancellationToken cancellationToken)
    {
        if (force)
        {
            await EndGraceAsync(sandbox, cancellationToken);
        }

        using var held = await locks.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        return current?.Phase switch
        {
            null => sandbox.NotFound(),
            _ when current.IsUnreadable => current.Unreadable(),
            SandboxPhase.Deleting => current.BeingDeleted(),
            SandboxPhase.Stopped => current,
            _ => await transitions.StopAsync(current, force),
        };
    }

    /// <summary>
    /// Starts a sandbox on the disk it has, whatever its phase; returns before it is Ready. One that runs or is being
    /// started is left as it is, one that is being stopped is started afterwards. One whose main process has ended gets a
    /// fresh boot of the same command.
    /// </summary>
    public async Task<Outcome<SandboxRecord>> StartAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        using var held = await locks.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        if (current?.Phase == SandboxPhase.Stopping)
        {
            // Nobody holds the lock, so this stop was interrupted.
            var stopped = await transitions.StopAsync(current);
            if (!stopped.Succeeded(out current, out var failure))
            {
                return failure;
            }
        }

        return current?.Phase switch
        {
            null => sandbox.NotFound(),
            _ when current.IsUnreadable => current.Unreadable(),
            SandboxPhase.Deleting => current.BeingDeleted(),
            SandboxPhase.Ready or SandboxPhase.Provisioning => current,
            SandboxPhase.Starting when !await IsInterruptedStartAsync(current, cancellationToken) => current,
            _ => await transitions.StartAsync(current, StartCause.User),
        };
    }

    /// <summary>Deletes a sandbox and everything it owns.</summary>
    /// <returns>The record as it was; its phase is DELETING if the driver still had it.</returns>
    public async Task<Outcome<SandboxRecord>> DeleteAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        await EndGraceAsync(sandbox, cancellationToken);
        using var held = await locks.EnterAsync(sandbox.Id, cancellationToken);
        var current = await store.GetAsync(sandbox.Id, cancellationToken);
        return current is null ? sandbox.NotFound() : await transitions.DeleteAsync(current);
    }

    private async Task<bool> IsInterruptedStartAsync(SandboxRecord current, CancellationToken cancellationToken) =>
        current.IsRestarting
        || ((await driver.GetAsync(current.Id, current.Name, cancellationToken)).Succeeded(out var machine, out _)
            && SandboxReconciler.IsInterruptedStart(current, machine));

    // The stop holds the sandbox's lock while it waits for the guest. What fails here only means that its grace is waited for.
    private async Task EndGraceAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(sandbox.Id, cancellationToken) is { } current && (current.Phase == SandboxPhase.Stopping || current.IsRestarting))
        {
            await driver.StopAsync(current, force: true, cancellationToken);
        }
    }
}
