using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.DataModel.V1;

namespace OpenShell.Gateway.Services;

/// <summary>The workspace that a request selects.</summary>
internal static class WorkspaceScope
{
    private const string Field = "workspace_scope";

    /// <summary>The one workspace of a method that works in one.</summary>
    public static string One(WorkspaceSelector? selector) => selector?.SelectionCase switch
    {
        WorkspaceSelector.SelectionOneofCase.Workspace when selector.Workspace.Length > 0 => selector.Workspace,
        WorkspaceSelector.SelectionOneofCase.Workspace =>
            throw GrpcErrors.InvalidField($"{Field}.workspace", "workspace_scope.workspace must not be empty"),
        WorkspaceSelector.SelectionOneofCase.AllWorkspaces => throw GrpcErrors.InvalidField(
            $"{Field}.all_workspaces", "workspace_scope.all_workspaces is not possible here: name one workspace"),
        _ => throw GrpcErrors.InvalidField(Field, "workspace_scope is required"),
    };

    /// <summary>The workspace of a list that may be of all; null is every one. NotFound.</summary>
    public static async Task<string?> OneOrAllAsync(
        this WorkspaceDirectory workspaces, WorkspaceSelector? selector, CancellationToken cancellationToken) =>
        selector?.SelectionCase == WorkspaceSelector.SelectionOneofCase.AllWorkspaces
            ? null
            : (await workspaces.FindAsync(selector, cancellationToken)).Name;

    /// <summary>The selected workspace. NotFound.</summary>
    public static async Task<WorkspaceRecord> FindAsync(
        this WorkspaceDirectory workspaces, WorkspaceSelector? selector, CancellationToken cancellationToken) =>
        (await workspaces.FindAsync(One(selector), cancellationToken)).OrThrow();

    /// <summary>The sandbox with this name in the selected workspace. NotFound.</summary>
    public static async Task<SandboxRecord> FindAsync(
        this SandboxDirectory sandboxes, WorkspaceSelector? selector, string name, CancellationToken cancellationToken) =>
        (await sandboxes.FindAsync(One(selector), name, cancellationToken)).OrThrow();

    /// <summary>As <see cref="FindAsync(SandboxDirectory, WorkspaceSelector, string, CancellationToken)"/>, for a deletion.</summary>
    /// <param name="allowMissing">A sandbox that is not there is no failure; a workspace is.</param>
    /// <returns>Null: it is not there.</returns>
    public static async Task<SandboxRecord?> FindToDeleteAsync(
        this SandboxDirectory sandboxes, WorkspaceSelector? selector, string name, bool allowMissing, CancellationToken cancellationToken)
    {
        var found = await sandboxes.FindAsync(One(selector), name, cancellationToken);
        return found.Succeeded(out var sandbox, out var failure)
            ? sandbox
            : allowMissing && failure == SandboxDirectory.NotFound ? null : throw failure.ToException();
    }
}
