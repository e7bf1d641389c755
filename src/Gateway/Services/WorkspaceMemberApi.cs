using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;
using Api = OpenShell.Protocol.V1.OpenShell.OpenShellBase;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Members of workspaces, in a gateway of one user: whoever comes in is admin of every workspace, and nobody else can be
/// added or removed.
/// </summary>
internal sealed class WorkspaceMemberApi(WorkspaceDirectory workspaces)
{
    private const string Unnamed = "unknown";

    public async Task<AddWorkspaceMemberResponse> AddAsync(AddWorkspaceMemberRequest request, ServerCallContext context)
    {
        var name = WorkspaceScope.One(request.WorkspaceScope);
        Check(request);
        (await workspaces.FindOpenAsync(name, context.CancellationToken)).OrThrow();
        throw (request.PrincipalSubject == SubjectOf(context)
            ? new Failure(FailureKind.AlreadyExists, $"'{request.PrincipalSubject}' is a member of every workspace already, as an admin")
            : OneUser("added")).ToException();
    }

    public async Task<RemoveWorkspaceMemberResponse> RemoveAsync(RemoveWorkspaceMemberRequest request, ServerCallContext context)
    {
        var workspace = await workspaces.FindAsync(request.WorkspaceScope, context.CancellationToken);
        RequireSubject(request.PrincipalSubject);
        if (request.PrincipalSubject == SubjectOf(context))
        {
            throw OneUser("removed").ToException();
        }

        return request.AllowMissing
            ? new RemoveWorkspaceMemberResponse { Outcome = DeletionOutcome.AlreadyAbsent }
            : throw new Failure(
                FailureKind.NotFound, $"workspace member not found: '{request.PrincipalSubject}' is none of '{workspace.Name}'").ToException();
    }

    public async Task<ListWorkspaceMembersResponse> ListAsync(ListWorkspaceMembersRequest request, ServerCallContext context)
    {
        var page = Paging.OfObjects(nameof(Api.ListWorkspaceMembers), request, request.PageSize, request.PageToken);
        var workspace = await workspaces.FindAsync(request.WorkspaceScope, context.CancellationToken);
        // One never fills a page.
        return page.After is null
            ? new ListWorkspaceMembersResponse { Members = { Member(workspace, SubjectOf(context)) } }
            : new ListWorkspaceMembersResponse();
    }

    /// <summary>What an addition shows by itself.</summary>
    public static void Check(AddWorkspaceMemberRequest request)
    {
        RequireSubject(request.PrincipalSubject);
        if (request.Role is not (WorkspaceRole.User or WorkspaceRole.Admin))
        {
            throw GrpcErrors.InvalidField("role", "role must be WORKSPACE_ROLE_USER or WORKSPACE_ROLE_ADMIN");
        }
    }

    public static void RequireSubject(string subject)
    {
        if (subject.Length == 0)
        {
            throw GrpcErrors.InvalidField("principal_subject", "principal_subject is required");
        }
    }

    private static WorkspaceMember Member(WorkspaceRecord workspace, string subject) => new()
    {
        Metadata = new ObjectMeta
        {
            Id = $"{workspace.Id}:{subject}",
            Name = subject,
            Workspace = workspace.Name,
            CreatedTime = workspace.CreatedAt.ToTimestamp(),
            ResourceVersion = 1,
        },
        PrincipalSubject = subject,
        Role = WorkspaceRole.Admin,
    };

    private static string SubjectOf(ServerCallContext context) => (context.GetPrincipal() as UserPrincipal)?.Subject ?? Unnamed;

    private static Failure OneUser(string what) => new(
        FailureKind.FailedPrecondition,
        $"this gateway has one user, who is admin of every workspace: members cannot be {what} until it knows people");
}
