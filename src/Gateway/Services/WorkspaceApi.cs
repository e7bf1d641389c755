using System.Collections.Immutable;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;
using Api = OpenShell.Protocol.V1.OpenShell.OpenShellBase;

namespace OpenShell.Gateway.Services;

/// <summary>Create, get, list and delete workspaces.</summary>
internal sealed class WorkspaceApi(WorkspaceDirectory workspaces, WorkspaceStore store, WorkspaceLifecycle lifecycle)
{
    public async Task<CreateWorkspaceResponse> CreateAsync(CreateWorkspaceRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var created = await lifecycle.CreateAsync(request.Name, request.Labels.ToImmutableDictionary(), cancellationToken);
        return new CreateWorkspaceResponse { Workspace = created.OrThrow().ToMessage() };
    }

    public async Task<GetWorkspaceResponse> GetAsync(GetWorkspaceRequest request, CancellationToken cancellationToken) =>
        new() { Workspace = (await workspaces.FindAsync(RequireName(request.Name), cancellationToken)).OrThrow().ToMessage() };

    public async Task<ListWorkspacesResponse> ListAsync(ListWorkspacesRequest request, CancellationToken cancellationToken)
    {
        var page = Paging.OfObjects(nameof(Api.ListWorkspaces), request, request.PageSize, request.PageToken);
        var labels = LabelSelector.Parse(request.LabelSelector).OrThrow();
        var found = await store.ListAsync(null, labels, page.Limit, page.After, cancellationToken);
        return new ListWorkspacesResponse
        {
            Workspaces = { found.Records.Select(w => w.ToMessage()) },
            NextPageToken = page.NextToken(found.Next),
        };
    }

    public async Task<DeleteWorkspaceResponse> DeleteAsync(DeleteWorkspaceRequest request)
    {
        var failure = await lifecycle.DeleteAsync(RequireName(request.Name));
        return failure switch
        {
            null => new DeleteWorkspaceResponse { Outcome = DeletionOutcome.Completed },
            { Kind: FailureKind.NotFound } when request.AllowMissing => new DeleteWorkspaceResponse { Outcome = DeletionOutcome.AlreadyAbsent },
            _ => throw failure.ToException(),
        };
    }

    /// <summary>What a creation shows by itself.</summary>
    public static void Check(CreateWorkspaceRequest request)
    {
        if (request.Name.Length == 0)
        {
            throw GrpcErrors.InvalidField("name", "workspace name is required");
        }

        if (SandboxNames.Check(request.Name) is { } wrong)
        {
            throw GrpcErrors.InvalidField("name", wrong);
        }

        MetadataValidator.CheckLabels(request.Labels);
    }

    /// <summary>The name, which there has to be.</summary>
    public static string RequireName(string name) => name.Length > 0 ? name : throw GrpcErrors.InvalidField("name", "name is required");
}
