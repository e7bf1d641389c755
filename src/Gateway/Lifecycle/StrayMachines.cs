using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Workspaces;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Machines of the driver that belong to no sandbox here. They are never deleted: what the gateway deletes has a row
/// until the driver has done it, so a machine without one is of a database that was lost or replaced. Each is named once;
/// with <c>--new-database</c> it gets a row again, as a stopped sandbox. Only the reconcile loop calls this.
/// </summary>
internal sealed class StrayMachines(
    SandboxDirectory sandboxes, DriverClient driver, SandboxLocks locks, SandboxNotes notes, GatewayOptions options, TimeProvider time)
{
    private static readonly DateTimeOffset EpochZero = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    /// <summary>Looks at machines for which no row was found.</summary>
    public async Task TakeAsync(IReadOnlyList<DriverMachine> machines, CancellationToken cancellationToken)
    {
        _named.IntersectWith(machines.Select(m => m.Id));
        foreach (var machine in machines.Where(m => !_named.Contains(m.Id)))
        {
            using var held = await locks.EnterAsync(machine.Id, cancellationToken);
            // Fresh looks: it may have been deleted, row first seen and machine after, since it was listed.
            if (await sandboxes.GetAsync(machine.Id, cancellationToken) is not null
                || !(await driver.GetAsync(machine.Id, machine.Name, cancellationToken)).Succeeded(out _, out _))
            {
                continue;
            }

            if (options.NewDatabase)
            {
                await AdoptAsync(ToRecord(machine));
            }
            else if (_named.Add(machine.Id))
            {
                notes.StrayKept(machine.Name, machine.Id);
            }
        }
    }

    private async Task AdoptAsync(SandboxRecord record)
    {
        // Its name may have been given to a new sandbox meanwhile.
        foreach (var name in (string[])[record.Name, $"{record.Name}-{record.Id[..Math.Min(8, record.Id.Length)]}"])
        {
            var named = record with { Name = name };
            if (await sandboxes.AdoptAsync(named, CancellationToken.None) is null)
            {
                notes.StrayAdopted(named);
                return;
            }
        }

        if (_named.Add(record.Id))
        {
            notes.StrayKept(record.Name, record.Id);
        }
    }

    // In phase Stopping, which the reconciler brings to its end: a machine that runs has a token of an epoch that nobody
    // knows any more. The epoch is above all that the lost database can have counted to.
    private SandboxRecord ToRecord(DriverMachine machine) => new()
    {
        Id = machine.Id,
        Name = machine.Name,
        Workspace = machine.Workspace.Length > 0 ? machine.Workspace : WorkspaceRecord.Default,
        Labels = machine.Labels,
        Spec = machine.Spec,
        Phase = SandboxPhase.Stopping,
        BootEpoch = (int)(time.GetUtcNow() - EpochZero).TotalMinutes,
        CreatedAt = time.GetUtcNow(),
    };
}
