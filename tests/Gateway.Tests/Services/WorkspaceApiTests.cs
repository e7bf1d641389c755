using Grpc.Core;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>Workspaces and their members on the wire, and lists over several of them.</summary>
internal sealed class WorkspaceApiTests : ApiTest
{
    [Test]
    public async Task CreateWorkspace_New_IsActiveAndCanBeRead()
    {
        var created = (await Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "new", Labels = { ["a"] = "b" } })).Workspace;

        Assert.That(
            (created.Metadata.Name, created.Metadata.ResourceVersion, created.Metadata.Labels["a"], created.Status.Phase),
            Is.EqualTo(("new", 1UL, "b", WorkspacePhase.Active)));
        Assert.That((await Client.GetWorkspaceAsync(new GetWorkspaceRequest { Name = "new" })).Workspace, Is.EqualTo(created));
    }

    [TestCase("", "workspace name is required")]
    [TestCase("a-name-of-twenty-cha", "name exceeds maximum length (20 > 19)")]
    [TestCase("Team", "name must contain only lowercase alphanumeric characters or hyphens")]
    [TestCase("-team", "name must not start or end with a hyphen")]
    [TestCase("a--b", "name must not contain consecutive hyphens")]
    public async Task CreateWorkspace_WrongName_IsRefused(string name, string message) => await RefusedAsync(
        Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = name }), StatusCode.InvalidArgument, message);

    [Test]
    public async Task CreateWorkspace_Taken_AlreadyExists() => await RefusedAsync(
        Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "default" }), StatusCode.AlreadyExists, "workspace already exists");

    [TestCase("", StatusCode.InvalidArgument, "name is required")]
    [TestCase("nowhere", StatusCode.NotFound, "workspace 'nowhere' not found")]
    public async Task GetWorkspace_MissingOrUnnamed_IsRefused(string name, StatusCode code, string message) =>
        await RefusedAsync(Client.GetWorkspaceAsync(new GetWorkspaceRequest { Name = name }), code, message);

    [TestCase("", StatusCode.InvalidArgument, "name is required")]
    [TestCase("default", StatusCode.FailedPrecondition, "the default workspace cannot be deleted")]
    public async Task DeleteWorkspace_AllowMissing_HidesNothingElse(string name, StatusCode code, string message) =>
        await RefusedAsync(Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = name, AllowMissing = true }), code, message);

    [Test]
    public async Task DeleteWorkspace_Outcomes_AreCompletedNotFoundAndAlreadyAbsent()
    {
        await Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "short" });

        Assert.That(
            (await Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = "short" })).Outcome, Is.EqualTo(DeletionOutcome.Completed));
        await RefusedAsync(
            Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = "short" }), StatusCode.NotFound, "workspace 'short' not found");
        Assert.That(
            (await Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = "short", AllowMissing = true })).Outcome,
            Is.EqualTo(DeletionOutcome.AlreadyAbsent));
    }

    [Test]
    public async Task DeleteWorkspace_NotEmpty_IsTerminatingWithATime()
    {
        await Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "full" });
        await CreateAsync("full", "box");

        await Assert.ThrowsAsync<RpcException>(async () => await Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = "full" }));

        var workspace = (await Client.GetWorkspaceAsync(new GetWorkspaceRequest { Name = "full" })).Workspace;
        Assert.That((workspace.Status.Phase, workspace.Metadata.DeletionTime is not null), Is.EqualTo((WorkspacePhase.Terminating, true)));
        // What is in it can still be reached, or it could never be emptied.
        Assert.That(
            (await Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = "box", WorkspaceScope = Scope.Of("full") })).Outcome,
            Is.EqualTo(DeletionOutcome.Completed));
    }

    [Test]
    public async Task ListWorkspaces_PageByPage_HasEachOnce()
    {
        for (var i = 0; i < 5; i++)
        {
            await Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = $"page-{i}", Labels = { ["paged"] = "yes" } });
        }

        var found = new List<string>();
        var request = new ListWorkspacesRequest { PageSize = 2, LabelSelector = "paged=yes" };
        do
        {
            var page = await Client.ListWorkspacesAsync(request);
            found.AddRange(page.Workspaces.Select(w => w.Metadata.Name));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);

        Assert.That(found, Is.EqualTo(new[] { "page-0", "page-1", "page-2", "page-3", "page-4" }));
        Assert.That((await Client.ListWorkspacesAsync(new ListWorkspacesRequest())).Workspaces.Select(w => w.Metadata.Name), Does.Contain("default"));
    }

    [Test]
    public async Task ListSandboxes_OfOneOrAllWorkspaces_GoesOnPageByPage()
    {
        await Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "list" });
        await CreateAsync("list", "one");
        await CreateAsync("list", "two");
        await CreateAsync("default", "one");

        // What the creator was told is what everybody reads.
        var created = await Client.CreateSandboxAsync(
            new CreateSandboxRequest { Name = "three", Spec = new SandboxSpec(), WorkspaceScope = Scope.Of("list") });
        var read = await Client.GetSandboxAsync(new GetSandboxRequest { Name = "three", WorkspaceScope = Scope.Of("list") });
        Assert.That(read.Sandbox.Metadata.CreatedTime, Is.EqualTo(created.Sandbox.Metadata.CreatedTime));
        await Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = "three", WorkspaceScope = Scope.Of("list") });

        Assert.That(await NamesAsync(Scope.Of("list"), 1), Is.EqualTo(new[] { "list/one", "list/two" }));
        Assert.That(await NamesAsync(Scope.All, 2), Is.SupersetOf(new[] { "list/one", "list/two", "default/one" }).And.Unique);
        await RefusedAsync(
            Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.All, PageToken = "x" }),
            StatusCode.InvalidArgument,
            "page_token is malformed");
    }

    [Test]
    public async Task ListWorkspaceMembers_GatewayOfOneUser_HasTheCallerAsAdmin()
    {
        var user = await Client.GetCurrentUserAsync(new GetCurrentUserRequest());
        var members = await Client.ListWorkspaceMembersAsync(new ListWorkspaceMembersRequest { WorkspaceScope = Scope.Default });

        Assert.That(members.NextPageToken, Is.Empty);
        var member = members.Members.Single();
        Assert.That(
            (member.PrincipalSubject, member.Metadata.Name, member.Metadata.Workspace, member.Role),
            Is.EqualTo((user.Subject, user.Subject, "default", WorkspaceRole.Admin)));
    }

    [Test]
    public async Task WorkspaceMembers_GatewayOfOneUser_CannotBeChanged()
    {
        var user = await Client.GetCurrentUserAsync(new GetCurrentUserRequest());
        await RefusedAsync(Add("friend", WorkspaceRole.User), StatusCode.FailedPrecondition, OneUser("added"));
        await RefusedAsync(Remove(user.Subject), StatusCode.FailedPrecondition, OneUser("removed"));
        await RefusedAsync(
            Add(user.Subject, WorkspaceRole.Admin),
            StatusCode.AlreadyExists,
            $"'{user.Subject}' is a member of every workspace already, as an admin");
        await RefusedAsync(Add("", WorkspaceRole.User), StatusCode.InvalidArgument, "principal_subject is required");
        await RefusedAsync(
            Add("friend", WorkspaceRole.Unspecified),
            StatusCode.InvalidArgument,
            "role must be WORKSPACE_ROLE_USER or WORKSPACE_ROLE_ADMIN");
        await RefusedAsync(Remove("friend"), StatusCode.NotFound, "workspace member not found: 'friend' is none of 'default'");
        var absent = await Client.RemoveWorkspaceMemberAsync(
            new RemoveWorkspaceMemberRequest { WorkspaceScope = Scope.Default, PrincipalSubject = "friend", AllowMissing = true });
        Assert.That(absent.Outcome, Is.EqualTo(DeletionOutcome.AlreadyAbsent));
    }

    [Test]
    public async Task CheckGatewayUpgrade_WithoutMiddleware_HasNoFindingsAndCountsSandboxes()
    {
        await CreateAsync("default", "counted");

        var answer = await Client.CheckGatewayUpgradeAsync(new CheckGatewayUpgradeRequest { TargetVersion = "v0.2.0" });

        Assert.That(
            (answer.TargetVersion, answer.Findings.Count, answer.BlockingCount, answer.WarningCount, answer.CheckedSandboxCount > 0),
            Is.EqualTo(("0.2", 0, 0U, 0U, true)));
    }

    [Test]
    public async Task GetGatewayInfo_Driver_IsANegotiatedExtension()
    {
        var info = await Client.GetGatewayInfoAsync(new GetGatewayInfoRequest());

        var extension = info.Extensions.Single();
        Assert.That(
            (extension.Kind, extension.ConfiguredName, extension.ProtocolMajor, info.ComputeDrivers.Single().Capabilities.DriverName),
            Is.EqualTo((ExtensionKind.ComputeDriver, "fake", 1U, "fake")));
        Assert.That(extension.SupportedCapabilities, Does.Contain("openshell.compute.contract"));
    }

    [Test]
    public async Task GetGatewayConfig_NothingCanBeSet_IsEmpty()
    {
        var config = await Client.GetGatewayConfigAsync(new Protocol.Sandbox.V1.GetGatewayConfigRequest());

        Assert.That((config.Settings.Count, config.SettingsRevision), Is.EqualTo((0, 0UL)));
    }

    [TestCase("ExposeService", "ExposeService is not built yet in this gateway: services come later")]
    [TestCase("GetDraftPolicy", "GetDraftPolicy is not built yet in this gateway: drafts of policies come with network policies")]
    public async Task UnbuiltMethod_Called_SaysWhichItIs(string method, string message)
    {
        var error = await CallAsync($"/openshell.v1.OpenShell/{method}", Array.Empty<byte>());

        Assert.That((error?.StatusCode, error?.Status.Detail.StartsWith(message, StringComparison.Ordinal)), Is.EqualTo((StatusCode.Unimplemented, true)));
    }

    // The server resets a call that is answered before its request has ended, and a client may take that for the answer.
    [TestCase("ExposeService")]
    [TestCase("GetDraftPolicy")]
    public async Task UnbuiltMethod_RequestNotEnded_IsNotAnsweredYet(string method)
    {
        await using var client = await RawHttp2.ConnectAsync(LocalEndPoint);
        await client.CallAsync(1, $"/openshell.v1.OpenShell/{method}");
        await client.CallAsync(3, "/openshell.v1.OpenShell/GetCurrentUser");
        await client.DataAsync(3, [0, 0, 0, 0, 0], ends: true);
        await Eventually.BecomesTrueAsync(() => client.HasEnded(3), "a later call is answered");
        Assert.That(client.HasEnded(1), Is.False);

        await client.DataAsync(1, [0, 0, 0, 0, 0], ends: true);

        await Eventually.BecomesTrueAsync(() => client.HasEnded(1), "the call is answered");
    }

    private AsyncUnaryCall<AddWorkspaceMemberResponse> Add(string subject, WorkspaceRole role) => Client.AddWorkspaceMemberAsync(
        new AddWorkspaceMemberRequest { WorkspaceScope = Scope.Default, PrincipalSubject = subject, Role = role });

    private AsyncUnaryCall<RemoveWorkspaceMemberResponse> Remove(string subject) => Client.RemoveWorkspaceMemberAsync(
        new RemoveWorkspaceMemberRequest { WorkspaceScope = Scope.Default, PrincipalSubject = subject });

    private static string OneUser(string what) =>
        $"this gateway has one user, who is admin of every workspace: members cannot be {what} until it knows people";

    private static async Task RefusedAsync<T>(AsyncUnaryCall<T> call, StatusCode code, string message)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await call);
        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((code, message)));
    }

    private async Task<List<string>> NamesAsync(WorkspaceSelector scope, int pageSize)
    {
        var found = new List<string>();
        var request = new ListSandboxesRequest { WorkspaceScope = scope, PageSize = pageSize };
        do
        {
            var page = await Client.ListSandboxesAsync(request);
            found.AddRange(page.Sandboxes.Select(s => $"{s.Metadata.Workspace}/{s.Metadata.Name}"));
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
        return found;
    }

    private async Task CreateAsync(string workspace, string name) => await Client.CreateSandboxAsync(
        new CreateSandboxRequest { Name = name, Spec = new SandboxSpec(), WorkspaceScope = Scope.Of(workspace) });
}
