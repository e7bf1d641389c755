using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Cli.Tests.Fakes;

/// <summary>Its workspaces and users.</summary>
internal sealed partial class FakeGateway
{
    public List<Workspace> Workspaces { get; } = [];

    public List<WorkspaceMember> Members { get; } = [];

    public GetCurrentUserResponse CurrentUser { get; } = new();

    public Workspace AddWorkspace(string name, WorkspacePhase phase = WorkspacePhase.Active)
    {
        var workspace = new Workspace
        {
            Metadata = new ObjectMeta { Id = "id-" + name, Name = name, CreatedTime = new Timestamp { Seconds = 1_700_000_000 }, ResourceVersion = 3 },
            Status = new WorkspaceStatus { Phase = phase },
        };
        Workspaces.Add(workspace);
        return workspace;
    }

    public override Task<GetCurrentUserResponse> GetCurrentUser(GetCurrentUserRequest request, ServerCallContext context)
    {
        Enter(request, context);
        return Task.FromResult(CurrentUser);
    }

    public override Task<CreateWorkspaceResponse> CreateWorkspace(CreateWorkspaceRequest request, ServerCallContext context)
    {
        Enter(request, context);
        var workspace = AddWorkspace(request.Name);
        workspace.Metadata.Labels.Add(request.Labels);
        return Task.FromResult(new CreateWorkspaceResponse { Workspace = workspace });
    }

    public override Task<GetWorkspaceResponse> GetWorkspace(GetWorkspaceRequest request, ServerCallContext context)
    {
        Enter(request, context);
        return Task.FromResult(new GetWorkspaceResponse
        {
            Workspace = Workspaces.Find(workspace => workspace.Metadata.Name == request.Name)
                ?? throw new RpcException(new Status(StatusCode.NotFound, $"workspace '{request.Name}' not found")),
        });
    }

    public override Task<ListWorkspacesResponse> ListWorkspaces(ListWorkspacesRequest request, ServerCallContext context)
    {
        Enter(request, context);
        return Task.FromResult(new ListWorkspacesResponse { Workspaces = { Workspaces } });
    }

    public override Task<DeleteWorkspaceResponse> DeleteWorkspace(DeleteWorkspaceRequest request, ServerCallContext context)
    {
        Enter(request, context);
        if (request.Name == "default")
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, "the default workspace cannot be deleted"));
        }

        var count = Workspaces.RemoveAll(workspace => workspace.Metadata.Name == request.Name);
        return Task.FromResult(new DeleteWorkspaceResponse
        {
            Outcome = count > 0 ? DeletionOutcome.Completed : DeletionOutcome.AlreadyAbsent,
        });
    }

    public override Task<AddWorkspaceMemberResponse> AddWorkspaceMember(AddWorkspaceMemberRequest request, ServerCallContext context)
    {
        Enter(request, context);
        var member = new WorkspaceMember
        {
            Metadata = new ObjectMeta { Workspace = WorkspaceOf(request.WorkspaceScope), CreatedTime = new Timestamp { Seconds = 1_700_000_000 } },
            PrincipalSubject = request.PrincipalSubject,
            Role = request.Role,
        };
        Members.Add(member);
        return Task.FromResult(new AddWorkspaceMemberResponse { Member = member });
    }

    public override Task<RemoveWorkspaceMemberResponse> RemoveWorkspaceMember(RemoveWorkspaceMemberRequest request, ServerCallContext context)
    {
        Enter(request, context);
        var workspace = WorkspaceOf(request.WorkspaceScope);
        var count = Members.RemoveAll(member => member.PrincipalSubject == request.PrincipalSubject && member.Metadata.Workspace == workspace);
        return Task.FromResult(new RemoveWorkspaceMemberResponse
        {
            Outcome = count > 0 ? DeletionOutcome.Completed : DeletionOutcome.AlreadyAbsent,
        });
    }

    public override Task<ListWorkspaceMembersResponse> ListWorkspaceMembers(ListWorkspaceMembersRequest request, ServerCallContext context)
    {
        Enter(request, context);
        var workspace = WorkspaceOf(request.WorkspaceScope);
        return Task.FromResult(new ListWorkspaceMembersResponse { Members = { Members.Where(member => member.Metadata.Workspace == workspace) } });
    }
}
