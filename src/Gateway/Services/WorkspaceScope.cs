using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.DataModel.V1;

namespace OpenShell.Gateway.Services;

/// <summary>The workspace that a request selects.</summary>
internal static class WorkspaceScope
{
    /// <summary>The one workspace of a method that works in one.</summary>
    public static string One(WorkspaceSelector? selector) => selector?.SelectionCase switch
    {
        WorkspaceSelector.SelectionOneofCase.Workspace when selector.Workspace.Length > 0 => selector.Workspace,
        WorkspaceSelector.SelectionOneofCase.Workspace => throw GrpcErrors.InvalidArgument("workspace_scope.workspace must not be empty"),
        WorkspaceSelector.SelectionOneofCase.AllWorkspaces =>
            throw GrpcErrors.InvalidArgument("workspace_scope.all_workspaces is not possible here: name one workspace"),
        _ => throw GrpcErrors.InvalidArgument("workspace_scope is required"),
    };

    /// <summary>The workspace of a list; null is every one.</summary>
    public static string? OneOrAll(WorkspaceSelector? selector) =>
        selector?.SelectionCase == WorkspaceSelector.SelectionOneofCase.AllWorkspaces ? null : One(selector);

    /// <summary>The sandbox with this name in the selected workspace.</summary>
    public static async Task<SandboxRecord> FindAsync(
        this SandboxDirectory sandboxes, WorkspaceSelector? selector, string name, CancellationToken cancellationToken) =>
        (await sandboxes.FindAsync(One(selector), name, cancellationToken)).OrThrow();
}
