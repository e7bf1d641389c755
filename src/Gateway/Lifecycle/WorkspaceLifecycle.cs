using System.Collections.Immutable;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Concurrency;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Lifecycle;

/// <summary>
/// Creates and deletes workspaces. A deletion stores that it has begun before it looks at what is there: whatever was
/// created before that is found, and nothing can be created afterwards.
/// </summary>
internal sealed class WorkspaceLifecycle(
    WorkspaceStore store,
    WorkspaceDirectory workspaces,
    DriverClient driver,
    SshAccessReaper access,
    TimeProvider time,
    ILogger<WorkspaceLifecycle> logger)
{
    // The driver knows workspaces by their names: while one is deleted there, no other may take its name.
    private readonly KeyedSemaphore _names = new(holders: 1);

    /// <summary>AlreadyExists. The driver is told of it with the first sandbox in it.</summary>
    public async Task<Outcome<WorkspaceRecord>> CreateAsync(
        string name, ImmutableDictionary<string, string> labels, CancellationToken cancellationToken)
    {
        var workspace = new WorkspaceRecord
        {
            Id = Guid.NewGuid().ToString(),
            Name = name,
            Labels = labels,
            CreatedAt = time.GetUtcNow().AsStored(),
            ResourceVersion = 1,
        };
        using var held = await _names.EnterAsync(name, cancellationToken);
        if (await store.CreateAsync(workspace, cancellationToken) != StoreOutcome.Done)
        {
            return new Failure(FailureKind.AlreadyExists, "workspace already exists");
        }

        WorkspaceLog.Created(logger, name);
        return workspace;
    }

    /// <summary>
    /// Deletes a workspace that is empty. One that is not stays, takes nothing any more, and can be deleted when it is.
    /// Goes on when the caller goes away.
    /// </summary>
    /// <returns>Null: it is gone. FailedPrecondition with what it still has; NotFound; what the driver has against it.</returns>
    public async Task<Failure?> DeleteAsync(string name)
    {
        if (name == WorkspaceRecord.Default)
        {
            return new Failure(FailureKind.FailedPrecondition, "the default workspace cannot be deleted");
        }

        if (!(await workspaces.FindAsync(name, CancellationToken.None)).Succeeded(out var aimedAt, out var missing))
        {
            return missing;
        }

        using var held = await _names.EnterAsync(name, CancellationToken.None);
        if (await CloseAsync(aimedAt) is not { } workspace)
        {
            // Another deletion was quicker.
            return null;
        }

        if (await store.ListKindsInAsync(name, CancellationToken.None) is { Count: > 0 } kinds)
        {
            return new Failure(
                FailureKind.FailedPrecondition,
                $"workspace '{name}' still contains resources: {string.Join(", ", kinds)}; it takes nothing new: delete them, and then it, again");
        }

        // Tokens of sandboxes that were in it are good for nothing; they would be removed within the hour.
        await access.ReapAsync(CancellationToken.None);
        if (await driver.DeleteWorkspaceAsync(name, CancellationToken.None) is { } failure)
        {
            return failure with { Message = $"delete workspace failed: {failure.Message}" };
        }

        await store.DeleteAsync(workspace.Id, CancellationToken.None);
        WorkspaceLog.Deleted(logger, name);
        return null;
    }

    // Null: it is gone, and another one may have its name.
    private async Task<WorkspaceRecord?> CloseAsync(WorkspaceRecord workspace)
    {
        while (true)
        {
            if (await store.GetAsync(workspace.Id, CancellationToken.None) is not { } current)
            {
                return null;
            }

            if (current.Phase == WorkspacePhase.Terminating)
            {
                return current;
            }

            var closed = current with { Phase = WorkspacePhase.Terminating, DeletionAt = time.GetUtcNow() };
            if (await store.UpdateAsync(closed, CancellationToken.None) is (StoreOutcome.Done, var written))
            {
                WorkspaceLog.Terminating(logger, current.Name);
                return written;
            }
        }
    }
}
