using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>
/// The sandboxes of each workspace, by name. One that is not there and one that the caller may not see have the same answer.
/// </summary>
internal sealed class SandboxDirectory(SandboxStore sandboxes, WorkspaceDirectory workspaces)
{
    /// <summary>What is said of a sandbox that is not there.</summary>
    public static readonly Failure NotFound = new(FailureKind.NotFound, "sandbox not found");

    /// <summary>InvalidArgument without a name; NotFound for the sandbox or its workspace.</summary>
    public async Task<Outcome<SandboxRecord>> FindAsync(string workspace, string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
        {
            return new Failure(FailureKind.InvalidArgument, "sandbox is required");
        }

        // A sandbox is in no workspace that does not exist: where there is one, the workspace need not be looked at.
        if (await sandboxes.GetByNameAsync(workspace, name, cancellationToken) is { } sandbox)
        {
            return sandbox;
        }

        return (await workspaces.FindAsync(workspace, cancellationToken)).Succeeded(out _, out var missing) ? NotFound : missing;
    }

    /// <summary>The sandbox with this id, or null.</summary>
    public Task<SandboxRecord?> GetAsync(string id, CancellationToken cancellationToken) => sandboxes.GetAsync(id, cancellationToken);

    /// <summary>Stores a new sandbox in its workspace.</summary>
    /// <returns>AlreadyExists; NotFound for the workspace, or FailedPrecondition while that is being deleted; null: it is there.</returns>
    public async Task<Failure?> AddAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        var (outcome, closed) = await workspaces.AddAsync(
            sandbox.Workspace, fence => sandboxes.CreateBehindAsync(fence, sandbox, cancellationToken), cancellationToken);
        return outcome == StoreOutcome.Done
            ? null
            : closed ?? new Failure(FailureKind.AlreadyExists, $"sandbox '{sandbox.Name}' already exists");
    }

    /// <summary>As <see cref="AddAsync"/>, and makes the workspace if there is none.</summary>
    public async Task<Failure?> AdoptAsync(SandboxRecord sandbox, CancellationToken cancellationToken)
    {
        await workspaces.EnsureAsync(sandbox.Workspace, cancellationToken);
        return await AddAsync(sandbox, cancellationToken);
    }
}
