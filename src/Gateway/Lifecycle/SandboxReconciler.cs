using System.Collections.Concurrent;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Compute.V1;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Compares what the driver has with what is stored and mends the difference: missed events, operations that were begun
/// and not finished, rows without a machine. Every decision is taken under the sandbox's gate
/// from a fresh look at both sides. One run at a time.
/// </summary>
internal sealed class SandboxReconciler(
    SandboxStore store, ComputeClient driver, LiveSandboxes live, SandboxLifecycle lifecycle, TimeProvider time, ILogger<SandboxReconciler> logger)
{
    /// <summary>
    /// How long a row may be without a machine before it is an error; from when a run first saw it so, since wall clocks
    /// jump. The row stays: only its owner deletes it.
    /// </summary>
    public static readonly TimeSpan OrphanGrace = TimeSpan.FromSeconds(300);

    private const int Concurrency = 8;

    // When each row was first seen without a machine, and without a supervisor that is connected.
    private readonly ConcurrentDictionary<string, long> _orphans = new();

    /// <summary>One comparison.</summary>
    /// <returns>Machines without a row: for <see cref="StrayMachines"/>.</returns>
    public async Task<IReadOnlyList<DriverSandbox>> RunAsync(CancellationToken cancellationToken)
    {
        var listed = await driver.ListAsync(cancellationToken);
        if (!listed.Succeeded(out var answer, out var failure))
        {
            SandboxLog.ReconcileFailed(logger, failure.Message);
            return [];
        }

        // Rows after machines: a row that is younger than the list is within its grace.
        var rows = await store.ListAllAsync(cancellationToken);
        var machines = answer.Sandboxes.ToDictionary(m => m.Id);
        var missing = rows.Select(r => r.Id).Where(id => !machines.ContainsKey(id)).ToHashSet();
        foreach (var found in _orphans.Keys.Where(id => !missing.Contains(id)))
        {
            _orphans.TryRemove(found, out _);
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            rows.Where(r => NeedsALook(r, machines.GetValueOrDefault(r.Id))), options, async (r, c) => await LookAsync(r.Id, c));
        var known = rows.Select(r => r.Id).ToHashSet();
        return [.. machines.Values.Where(m => !known.Contains(m.Id))];
    }

    /// <summary>The driver says that it has nothing of this sandbox any more.</summary>
    public async Task MachineGoneAsync(string sandboxId, CancellationToken cancellationToken)
    {
        using var gate = await live.Gates.EnterAsync(sandboxId, cancellationToken);
        if (await store.GetAsync(sandboxId, cancellationToken) is not { } row)
        {
            // Deleted by us. The driver's last words may have come after the row had gone.
            live.Forget(sandboxId);
            return;
        }

        // A deletion holds the gate to its end, so one that is left here has failed half-way; the next run finishes it.
        if (row.Phase is not (SandboxPhase.Deleting or SandboxPhase.Error) && await IsGoneAsync(row, cancellationToken))
        {
            await lifecycle.MachineGoneUnderGateAsync(row);
        }
    }

    /// <summary>
    /// The driver says that a sandbox's machine has ended. That may be a word about an earlier boot which has waited for a
    /// start to leave the gate, so what counts is what the driver says then.
    /// </summary>
    public Task MachineEndedAsync(string sandboxId, CancellationToken cancellationToken) => LookAsync(sandboxId, cancellationToken);

    private bool NeedsALook(SandboxRecord row, DriverSandbox? machine) =>
        machine is null
        || row.Phase is SandboxPhase.Stopping or SandboxPhase.Deleting or SandboxPhase.Starting
        || live.Backends.Find(row.Id) != DriverMapping.ToSnapshot(machine.Status);

    private async Task LookAsync(string sandboxId, CancellationToken cancellationToken)
    {
        using var gate = await live.Gates.EnterAsync(sandboxId, cancellationToken);
        if (await store.GetAsync(sandboxId, cancellationToken) is not { } row)
        {
            return;
        }

        // Whoever began these holds no gate any more: the gateway was killed, or the driver failed.
        if (row.Phase is SandboxPhase.Stopping or SandboxPhase.Deleting)
        {
            _ = row.Phase == SandboxPhase.Stopping
                ? await lifecycle.StopUnderGateAsync(row)
                : await lifecycle.DeleteUnderGateAsync(row);
            return;
        }

        if (await lifecycle.IsInterruptedStartAsync(row, cancellationToken))
        {
            await lifecycle.StartUnderGateAsync(row);
            return;
        }

        var seen = live.Backends.Find(row.Id);
        var found = await driver.GetAsync(row, cancellationToken);
        if (found.Succeeded(out var answer, out var failure))
        {
            live.Backends.TryReplace(row.Id, seen, DriverMapping.ToSnapshot(answer.Sandbox.Status));
            await live.Readiness.ChangeUnderGateAsync(row.Id, r => r, cancellationToken);
        }
        else if (failure.Kind == FailureKind.NotFound)
        {
            await OrphanAsync(row);
        }
    }

    private async Task OrphanAsync(SandboxRecord row)
    {
        // A supervisor that is connected runs somewhere, and what is in ERROR waits for its owner to look at it.
        if (row.Phase == SandboxPhase.Error || live.Sessions.Find(row.Id) is not null)
        {
            _orphans.TryRemove(row.Id, out _);
            return;
        }

        if (time.GetElapsedTime(_orphans.GetOrAdd(row.Id, static (_, clock) => clock.GetTimestamp(), time)) < OrphanGrace)
        {
            return;
        }

        await lifecycle.MachineGoneUnderGateAsync(row);
    }

    private async Task<bool> IsGoneAsync(SandboxRecord row, CancellationToken cancellationToken) =>
        !(await driver.GetAsync(row, cancellationToken)).Succeeded(out _, out var failure) && failure.Kind == FailureKind.NotFound;
}
