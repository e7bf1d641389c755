using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>Compares what the driver has with what is stored, and has every sandbox reconciled where they differ. One run at a time.</summary>
internal sealed class DriverComparison(
    SandboxStore store,
    DriverClient driver,
    DriverStatusCache statuses,
    SessionRegistry sessions,
    SandboxReconciler reconciler,
    TimeProvider time)
{
    /// <summary>
    /// How long a row may be without a machine before it is an error; from when a run first saw it so, since wall clocks
    /// jump. The row stays: only its owner deletes it.
    /// </summary>
    public static readonly TimeSpan MissingGrace = TimeSpan.FromSeconds(300);

    // Each is mostly waiting for the driver.
    private const int Concurrency = 8;

    // When each row was first seen without a machine, and without a supervisor that is connected.
    private readonly Dictionary<string, long> _missing = [];

    /// <summary>One comparison.</summary>
    /// <returns>Machines without a row: for <see cref="StrayMachines"/>.</returns>
    public async Task<Outcome<DriverMachine[]>> RunAsync(CancellationToken cancellationToken)
    {
        var listed = await driver.ListAsync(cancellationToken);
        if (!listed.Succeeded(out var all, out var failure))
        {
            return failure;
        }

        // Rows after machines: a row that is younger than the list is within its grace.
        var rows = await store.ListAllAsync(cancellationToken);
        var machines = all.ToDictionary(m => m.Id);
        foreach (var row in rows)
        {
            NoteMissing(row, machines.ContainsKey(row.Id));
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            rows.Where(r => NeedsReconcile(r, machines.GetValueOrDefault(r.Id))),
            options,
            async (row, token) => await reconciler.ReconcileAsync(row.Id, ReasonFor(row), token));
        var known = rows.Select(r => r.Id).ToHashSet();
        foreach (var gone in _missing.Keys.Where(id => !known.Contains(id)))
        {
            _missing.Remove(gone);
        }

        return all.Where(m => !known.Contains(m.Id)).ToArray();
    }

    private bool NeedsReconcile(SandboxRecord row, DriverMachine? machine) =>
        machine is null || row.IsUnfinished || row.Phase == SandboxPhase.Starting || statuses.Find(row.Id) != machine.Status;

    private ReconcileReason ReasonFor(SandboxRecord row) =>
        _missing.TryGetValue(row.Id, out var since) && time.GetElapsedTime(since) >= MissingGrace
            ? ReconcileReason.MachineMissing
            : ReconcileReason.Difference;

    private void NoteMissing(SandboxRecord row, bool hasMachine)
    {
        // A supervisor that is connected runs somewhere, and what has ended waits for its owner to look at it.
        if (hasMachine || row.HasEnded || sessions.Find(row.Id) is not null)
        {
            _missing.Remove(row.Id);
        }
        else
        {
            _missing.TryAdd(row.Id, time.GetTimestamp());
        }
    }
}
