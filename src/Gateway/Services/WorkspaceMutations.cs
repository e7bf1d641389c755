using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

internal sealed class CreateWorkspaceMutation(WorkspaceStore workspaces) : Mutation<CreateWorkspaceRequest, CreateWorkspaceResponse>
{
    public override RequestKind Kind => RequestKind.Creation;

    public override void CheckShape(CreateWorkspaceRequest request) => WorkspaceApi.Check(request);

    public override RequestResult ToResult(CreateWorkspaceResponse response) =>
        new(response.Workspace.Metadata.Id, response.Workspace.Metadata.ResourceVersion);

    public override async Task<CreateWorkspaceResponse?> ReplayAsync(RequestResult result, CancellationToken cancellationToken) =>
        await workspaces.GetAsync(result.ObjectId, cancellationToken) is { } workspace && workspace.ResourceVersion == result.ObjectVersion
            ? new CreateWorkspaceResponse { Workspace = workspace.ToMessage() }
            : null;
}

internal sealed class DeleteWorkspaceMutation : Mutation<DeleteWorkspaceRequest, DeleteWorkspaceResponse>
{
    public override void CheckShape(DeleteWorkspaceRequest request) => WorkspaceApi.RequireName(request.Name);

    public override RequestResult ToResult(DeleteWorkspaceResponse response) => new(Outcome: (int)response.Outcome);

    public override Task<DeleteWorkspaceResponse?> ReplayAsync(RequestResult result, CancellationToken cancellationToken) =>
        Task.FromResult<DeleteWorkspaceResponse?>(new() { Outcome = (DeletionOutcome)result.Outcome });
}

internal sealed class AddWorkspaceMemberMutation : Mutation<AddWorkspaceMemberRequest, AddWorkspaceMemberResponse>
{
    public override RequestKind Kind => RequestKind.Creation;

    public override void CheckContent(AddWorkspaceMemberRequest request) => WorkspaceMemberApi.Check(request);

    public override RequestResult ToResult(AddWorkspaceMemberResponse response) =>
        new(response.Member.Metadata.Id, response.Member.Metadata.ResourceVersion);

    // A gateway of one user adds nobody, so there is none to be shown again.
    public override Task<AddWorkspaceMemberResponse?> ReplayAsync(RequestResult result, CancellationToken cancellationToken) =>
        Task.FromResult<AddWorkspaceMemberResponse?>(null);
}

internal sealed class RemoveWorkspaceMemberMutation : Mutation<RemoveWorkspaceMemberRequest, RemoveWorkspaceMemberResponse>
{
    public override void CheckContent(RemoveWorkspaceMemberRequest request) => WorkspaceMemberApi.RequireSubject(request.PrincipalSubject);

    public override RequestResult ToResult(RemoveWorkspaceMemberResponse response) => new(Outcome: (int)response.Outcome);

    public override Task<RemoveWorkspaceMemberResponse?> ReplayAsync(RequestResult result, CancellationToken cancellationToken) =>
        Task.FromResult<RemoveWorkspaceMemberResponse?>(new() { Outcome = (DeletionOutcome)result.Outcome });
}
