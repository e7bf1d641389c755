using Google.Protobuf.Reflection;
using OpenShell.Gateway.Auth;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The fields of what users may ask for, method by method. One that is new is honoured, or refused by its name, before it
/// stands here; those of a creation are tried one by one in <see cref="CreateSandboxFieldsTests"/>.
/// </summary>
public class ServedFieldsTests
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["HealthRequest"] = "",
        ["GetCurrentUserRequest"] = "",
        ["GetGatewayInfoRequest"] = "",
        ["CheckGatewayUpgradeRequest"] = "target_version",
        ["GetGatewayConfigRequest"] = "",
        ["GetSandboxConfigRequest"] = "name workspace_scope",
        ["GetSandboxRequest"] = "name workspace_scope",
        ["ListSandboxesRequest"] = "page_size page_token label_selector workspace_scope",
        ["DeleteSandboxRequest"] = "name workspace_scope allow_missing request_id",
        ["StopSandboxRequest"] = "name workspace_scope request_id force",
        ["StartSandboxRequest"] = "name workspace_scope request_id",
        ["CreateSshSessionRequest"] = "sandbox workspace_scope",
        ["RevokeSshSessionRequest"] = "token allow_missing",
        ["ExecSandboxRequest"] =
            "sandbox command workdir environment stdin tty cols rows no_login_shell request_id workspace_scope execution_timeout "
            + "user term login_shell attach terminal_modes detached subsystem",
        ["ExecSandboxInput"] = "start stdin resize signal",
        ["TcpForwardFrame"] = "init data end_of_stream",
        ["WatchSandboxRequest"] =
            "sandbox follow_status follow_logs follow_events log_tail_lines event_tail stop_on_terminal log_sources log_min_level "
            + "workspace_scope resume_after_cursor since_time",
        ["GetSandboxLogsRequest"] = "sandbox lines sources min_level workspace_scope since_time",
        ["CreateWorkspaceRequest"] = "name labels request_id",
        ["GetWorkspaceRequest"] = "name",
        ["ListWorkspacesRequest"] = "page_size page_token label_selector",
        ["DeleteWorkspaceRequest"] = "name allow_missing request_id",
        ["AddWorkspaceMemberRequest"] = "workspace_scope principal_subject role request_id",
        ["RemoveWorkspaceMemberRequest"] = "workspace_scope principal_subject allow_missing request_id",
        ["ListWorkspaceMembersRequest"] = "workspace_scope page_size page_token",
    };

    private static readonly MethodTable Methods = DeclaredMethods.Table();

    private static IEnumerable<MessageDescriptor> Requests => OpenshellReflection.Descriptor.Services.SelectMany(s => s.Methods)
        .Where(m => UnbuiltMethods.Find(DeclaredMethods.PathOf(m)) is null
            && Methods.Find(DeclaredMethods.PathOf(m)) is MethodAccess.Anyone or MethodAccess.User or MethodAccess.UserOrSandbox)
        .Select(m => m.InputType)
        .Where(m => m != CreateSandboxRequest.Descriptor)
        .Distinct();

    [Test]
    public void Fields_OfRequestsThatAreServed_AreAllKnown() => Assert.That(
        Requests.ToDictionary(r => r.Name, r => string.Join(' ', r.Fields.InDeclarationOrder().Select(f => f.Name))), Is.EquivalentTo(Known));
}
