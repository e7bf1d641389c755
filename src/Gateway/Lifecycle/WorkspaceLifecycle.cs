using System.Collections.Immutable;
using OpenShell.Gateway.Compute;
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

        if (!(await CloseAsync(name)).Succeeded(out var workspace, out var missing))
        {
            return missing;
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

    private async Task<Outcome<WorkspaceRecord>> CloseAsync(string name)
    {
        while (true)
        {
            if (!(await workspaces.FindAsync(name, CancellationToken.None)).Succeeded(out var workspace, out var missing))
            {
                return missing;
            }

            if (workspace.Phase == WorkspacePhase.Terminating)
            {
                return workspace;
            }

            var closed = workspace with { Phase = WorkspacePhase.Terminating, DeletionAt = time.GetUtcNow() };
            if (await store.UpdateAsync(closed, CancellationToken.None) is (StoreOutcome.Done, var written))
            {
                WorkspaceLog.Terminating(logger, name);
                return written;
            }
        }
    }
}
