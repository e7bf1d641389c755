using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Core;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>The selection of a workspace, on every method that has one.</summary>
internal sealed class WorkspaceSelectionTests : ApiTest
{
    private const string ListSandboxes = "/openshell.v1.OpenShell/ListSandboxes";
    private const string ListSshAccess = "/openshell.extensions.v1.SshAccess/ListSshAccess";

    private static readonly string[] Lists = ["ListSandboxes", "ListSandboxTemplates", "ListServices", "ListProviders", "ListSshAccess"];

    private static readonly MethodDescriptor[] Methods =
    [
        .. DeclaredMethods.Services.SelectMany(s => s.Methods)
            .Where(m => SelectorIn(m) is not null && UnbuiltMethods.Find(DeclaredMethods.PathOf(m)) is null),
    ];

    private static readonly string[] Paths = [.. Methods.Select(DeclaredMethods.PathOf)];
    private static readonly string[] PathsOfOne = [.. Methods.Where(m => !Lists.Contains(m.Name)).Select(DeclaredMethods.PathOf)];
    private static readonly string[] PathsOfAll = [.. Methods.Where(m => Lists.Contains(m.Name)).Select(DeclaredMethods.PathOf)];

    [Test]
    public void Methods_WithASelector_AreManyAndTwoOfThemListAll() =>
        Assert.That((Paths.Length > 12, PathsOfAll), Is.EqualTo((true, new[] { ListSandboxes, ListSshAccess })));

    [TestCaseSource(nameof(Paths))]
    public async Task Selector_AbsentOrWithoutASelection_IsRequired(string path)
    {
        foreach (var selector in new[] { null, new WorkspaceSelector() })
        {
            var error = await CallAsync(path, Request(path, selector));

            Assert.That((error?.StatusCode, error?.Status.Detail), Is.EqualTo((StatusCode.InvalidArgument, "workspace_scope is required")));
            Assert.That(error!.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations.Single().Field, Is.EqualTo("workspace_scope"));
        }
    }

    [TestCaseSource(nameof(Paths))]
    public async Task Selector_OfAnEmptyName_IsRefused(string path)
    {
        var error = await CallAsync(path, Request(path, Scope.Of("")));

        Assert.That(
            (error?.StatusCode, error?.Status.Detail),
            Is.EqualTo((StatusCode.InvalidArgument, "workspace_scope.workspace must not be empty")));
    }

    [TestCaseSource(nameof(PathsOfOne))]
    public async Task Selector_OfAllWorkspacesOnAMethodOfOne_IsRefused(string path)
    {
        var error = await CallAsync(path, Request(path, Scope.All));

        Assert.That(
            (error?.StatusCode, error?.Status.Detail),
            Is.EqualTo((StatusCode.InvalidArgument, "workspace_scope.all_workspaces is not possible here: name one workspace")));
    }

    [TestCaseSource(nameof(PathsOfAll))]
    public async Task Selector_OfAllWorkspacesOnAListThatAllowsIt_IsTaken(string path) =>
        Assert.That(await CallAsync(path, Request(path, Scope.All)), Is.Null);

    [TestCaseSource(nameof(Paths))]
    public async Task Selector_OfAWorkspaceThatDoesNotExist_IsNotFound(string path)
    {
        var error = await CallAsync(path, Request(path, Scope.Of("nowhere")));

        Assert.That((error?.StatusCode, error?.Status.Detail), Is.EqualTo((StatusCode.NotFound, "workspace 'nowhere' not found")));
    }

    [TestCaseSource(nameof(PathsOfOne))]
    public async Task Sandbox_ThatIsNotInTheWorkspace_IsNotFound(string path)
    {
        var request = Request(path, Scope.Default);
        if (SandboxField(Selected(request)) is null)
        {
            return;
        }

        var error = await CallAsync(path, request);
        Assert.That((error?.StatusCode, error?.Status.Detail), Is.EqualTo((StatusCode.NotFound, "sandbox not found")));

        var required = path.EndsWith("/RevokeSshAccess", StringComparison.Ordinal) ? "id or sandbox is required" : "sandbox is required";
        SandboxField(Selected(request))!.Accessor.Clear(Selected(request));
        error = await CallAsync(path, request);
        Assert.That((error?.StatusCode, error?.Status.Detail), Is.EqualTo((StatusCode.InvalidArgument, required)));
    }

    [TestCase("CreateSandbox")]
    [TestCase("AddWorkspaceMember")]
    public async Task Creation_InAWorkspaceThatIsBeingDeleted_IsRefused(string method)
    {
        var name = $"going-{method[..3].ToLowerInvariant()}";
        await Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = name });
        await Client.CreateSandboxAsync(new CreateSandboxRequest { Name = "box", Spec = new SandboxSpec(), WorkspaceScope = Scope.Of(name) });
        await Assert.ThrowsAsync<RpcException>(async () => await Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = name }));
        var path = $"/openshell.v1.OpenShell/{method}";

        var error = await CallAsync(path, Request(path, Scope.Of(name)));

        Assert.That(
            (error?.StatusCode, error?.Status.Detail), Is.EqualTo((StatusCode.FailedPrecondition, $"workspace '{name}' is being deleted")));
    }

    // The message with the selector: of the exec stream that is its first one.
    private static FieldDescriptor? SelectorIn(MethodDescriptor method) => SelectorOf(
        method.InputType == ExecSandboxInput.Descriptor ? ExecSandboxRequest.Descriptor : method.InputType);

    private static FieldDescriptor? SelectorOf(MessageDescriptor message) => message.Fields.InDeclarationOrder()
        .FirstOrDefault(f => f.FieldType == FieldType.Message && f.MessageType == WorkspaceSelector.Descriptor);

    private static IMessage Selected(IMessage request) => request is ExecSandboxInput input ? input.Start : request;

    private static FieldDescriptor? SandboxField(IMessage request) => request switch
    {
        CreateSandboxRequest or ListSshAccessRequest => null,
        _ => request.Descriptor.FindFieldByName("sandbox") ?? request.Descriptor.FindFieldByName("name"),
    };

    private static IMessage Request(string path, WorkspaceSelector? selector)
    {
        var method = Methods.Single(m => DeclaredMethods.PathOf(m) == path);
        var request = (IMessage)(method.Name switch
        {
            "CreateSandbox" => new CreateSandboxRequest { Spec = new SandboxSpec(), Name = "box" },
            "ExecSandbox" => new ExecSandboxRequest { Command = { "true" } },
            "ExecSandboxInteractive" => new ExecSandboxInput { Start = new ExecSandboxRequest { Command = { "true" } } },
            "AddWorkspaceMember" => new AddWorkspaceMemberRequest { PrincipalSubject = "somebody", Role = WorkspaceRole.User },
            "RemoveWorkspaceMember" => new RemoveWorkspaceMemberRequest { PrincipalSubject = "somebody" },
            _ => method.InputType.Parser.ParseFrom([]),
        });
        var selected = Selected(request);
        SandboxField(selected)?.Accessor.SetValue(selected, "missing");
        if (selector is not null)
        {
            SelectorOf(selected.Descriptor)!.Accessor.SetValue(selected, selector);
        }

        return request;
    }
}
