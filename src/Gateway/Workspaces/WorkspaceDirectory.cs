using OpenShell.Gateway.Store;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Workspaces;

/// <summary>Finds the workspace that a caller names.</summary>
internal sealed class WorkspaceDirectory(WorkspaceStore workspaces, TimeProvider time)
{
    /// <summary>NotFound.</summary>
    public async Task<Outcome<WorkspaceRecord>> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (await workspaces.GetByNameAsync(name, cancellationToken) is { } workspace)
        {
            return workspace;
        }

        return name == WorkspaceRecord.Default
            ? await EnsureAsync(name, cancellationToken)
            : new Failure(FailureKind.NotFound, $"workspace '{name}' not found");
    }

    /// <summary>As <see cref="FindAsync"/>, for something that is to be created in it: FailedPrecondition while it is being deleted.</summary>
    public async Task<Outcome<WorkspaceRecord>> FindOpenAsync(string name, CancellationToken cancellationToken) =>
        (await FindAsync(name, cancellationToken)).Succeeded(out var workspace, out var missing)
            ? workspace.Phase == WorkspacePhase.Terminating
                ? new Failure(FailureKind.FailedPrecondition, $"workspace '{name}' is being deleted")
                : workspace
            : missing;

    /// <summary>The workspace with this name, made if there is none.</summary>
    public async Task<WorkspaceRecord> EnsureAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await workspaces.GetByNameAsync(name, cancellationToken) is { } known)
            {
                return known;
            }

            await workspaces.CreateAsync(
                new WorkspaceRecord { Id = Guid.NewGuid().ToString(), Name = name, CreatedAt = time.GetUtcNow() }, cancellationToken);
        }
    }

    /// <summary>
    /// Adds something to a workspace that is open, and stays so until it is there: a deletion that begins meanwhile finds
    /// it, or keeps it out.
    /// </summary>
    /// <param name="create">Stores it behind the fence: Conflict if the workspace has changed.</param>
    /// <returns>Done or AlreadyExists; or why the workspace takes nothing.</returns>
    public async Task<(StoreOutcome Outcome, Failure? Closed)> AddAsync(
        string name, Func<ObjectFence, Task<StoreOutcome>> create, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!(await FindOpenAsync(name, cancellationToken)).Succeeded(out var workspace, out var closed))
            {
                return (StoreOutcome.NotFound, closed);
            }

            if (await create(WorkspaceStore.FenceOf(workspace)) is var outcome and not StoreOutcome.Conflict)
            {
                return (outcome, null);
            }
        }
    }
}
