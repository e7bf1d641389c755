using Grpc.Core;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The public API: hands each call to the class of its topic. Methods that are not here are in <see cref="UnbuiltMethods"/>.
/// The exec methods are in <see cref="ExecService"/>, RelayStream is served by <see cref="Relays.RelayStreamEndpoint"/> and ForwardTcp by
/// <see cref="Forwarding.ForwardTcpEndpoint"/>, on the body itself. It takes one class for each topic, and has nothing else to keep.
/// </summary>
internal sealed class OpenShellService(
    SandboxApi sandboxes,
    WatchApi watch,
    LogApi logs,
    SupervisorApi supervisors,
    SandboxConfigApi configurations,
    SshSessionApi ssh,
    GatewayInfoApi info,
    WorkspaceApi workspaces,
    WorkspaceMemberApi members)
    : Protocol.V1.OpenShell.OpenShellBase
{
    public override Task<HealthResponse> Health(HealthRequest request, ServerCallContext context) =>
        info.HealthAsync(context.CancellationToken);

    public override Task<GetCurrentUserResponse> GetCurrentUser(GetCurrentUserRequest request, ServerCallContext context) =>
        Task.FromResult(GatewayInfoApi.CurrentUser(context));

    public override Task<GetGatewayInfoResponse> GetGatewayInfo(GetGatewayInfoRequest request, ServerCallContext context) =>
        info.InfoAsync(context.CancellationToken);

    public override Task<CheckGatewayUpgradeResponse> CheckGatewayUpgrade(CheckGatewayUpgradeRequest request, ServerCallContext context) =>
        info.CheckUpgradeAsync(request, context.CancellationToken);

    public override Task<GetGatewayConfigResponse> GetGatewayConfig(GetGatewayConfigRequest request, ServerCallContext context) =>
        Task.FromResult(GatewayInfoApi.Config());

    public override Task<SandboxResponse> CreateSandbox(CreateSandboxRequest request, ServerCallContext context) =>
        sandboxes.CreateAsync(request, context.CancellationToken);

    public override Task<SandboxResponse> GetSandbox(GetSandboxRequest request, ServerCallContext context) =>
        sandboxes.GetAsync(request, context.CancellationToken);

    public override Task<ListSandboxesResponse> ListSandboxes(ListSandboxesRequest request, ServerCallContext context) =>
        sandboxes.ListAsync(request, context.CancellationToken);

    public override Task<DeleteSandboxResponse> DeleteSandbox(DeleteSandboxRequest request, ServerCallContext context) =>
        sandboxes.DeleteAsync(request, context.CancellationToken);

    public override Task<SandboxResponse> StopSandbox(StopSandboxRequest request, ServerCallContext context) =>
        sandboxes.StopAsync(request, context.CancellationToken);

    public override Task<SandboxResponse> StartSandbox(StartSandboxRequest request, ServerCallContext context) =>
        sandboxes.StartAsync(request, context.CancellationToken);

    public override Task WatchSandbox(
        WatchSandboxRequest request, IServerStreamWriter<SandboxStreamEvent> responseStream, ServerCallContext context) =>
        watch.ServeAsync(request, responseStream, context.GetHttpContext().Connection.Id, context.CancellationToken);

    public override Task<GetSandboxLogsResponse> GetSandboxLogs(GetSandboxLogsRequest request, ServerCallContext context) =>
        logs.GetAsync(request, context.CancellationToken);

    public override Task<PushSandboxLogsResponse> PushSandboxLogs(
        IAsyncStreamReader<PushSandboxLogsRequest> requestStream, ServerCallContext context) =>
        logs.PushAsync(requestStream, context);

    public override Task<CreateSshSessionResponse> CreateSshSession(CreateSshSessionRequest request, ServerCallContext context) =>
        ssh.CreateAsync(request, context);

    public override Task<RevokeSshSessionResponse> RevokeSshSession(RevokeSshSessionRequest request, ServerCallContext context) =>
        ssh.RevokeAsync(request, context.CancellationToken);

    public override Task ConnectSupervisor(
        IAsyncStreamReader<SupervisorMessage> requestStream,
        IServerStreamWriter<GatewayMessage> responseStream,
        ServerCallContext context) =>
        supervisors.ConnectAsync(requestStream, responseStream, context);

    public override Task<ReportMainProcessExitResponse> ReportMainProcessExit(
        ReportMainProcessExitRequest request, ServerCallContext context) =>
        supervisors.ReportExitAsync(request, context);

    public override Task<FinalizeMainProcessExitResponse> FinalizeMainProcessExit(
        FinalizeMainProcessExitRequest request, ServerCallContext context) =>
        supervisors.FinalizeExitAsync(request, context);

    public override Task<GetSandboxConfigResponse> GetSandboxConfig(GetSandboxConfigRequest request, ServerCallContext context) =>
        configurations.GetAsync(request, context);

    public override Task<ReportSandboxConfigurationResponse> ReportSandboxConfiguration(
        ReportSandboxConfigurationRequest request, ServerCallContext context) =>
        configurations.ReportAsync(request, context);

    public override Task<ReportPolicyStatusResponse> ReportPolicyStatus(ReportPolicyStatusRequest request, ServerCallContext context) =>
        configurations.ReportPolicyAsync(request, context);

    public override Task<RefreshSandboxTokenResponse> RefreshSandboxToken(RefreshSandboxTokenRequest request, ServerCallContext context) =>
        supervisors.RefreshTokenAsync(request, context);

    public override Task<IssueSandboxTokenResponse> IssueSandboxToken(IssueSandboxTokenRequest request, ServerCallContext context) =>
        throw SupervisorApi.IssueToken();

    public override Task<CreateWorkspaceResponse> CreateWorkspace(CreateWorkspaceRequest request, ServerCallContext context) =>
        workspaces.CreateAsync(request, context.CancellationToken);

    public override Task<GetWorkspaceResponse> GetWorkspace(GetWorkspaceRequest request, ServerCallContext context) =>
        workspaces.GetAsync(request, context.CancellationToken);

    public override Task<ListWorkspacesResponse> ListWorkspaces(ListWorkspacesRequest request, ServerCallContext context) =>
        workspaces.ListAsync(request, context.CancellationToken);

    public override Task<DeleteWorkspaceResponse> DeleteWorkspace(DeleteWorkspaceRequest request, ServerCallContext context) =>
        workspaces.DeleteAsync(request);

    public override Task<AddWorkspaceMemberResponse> AddWorkspaceMember(AddWorkspaceMemberRequest request, ServerCallContext context) =>
        members.AddAsync(request, context);

    public override Task<RemoveWorkspaceMemberResponse> RemoveWorkspaceMember(RemoveWorkspaceMemberRequest request, ServerCallContext context) =>
        members.RemoveAsync(request, context);

    public override Task<ListWorkspaceMembersResponse> ListWorkspaceMembers(ListWorkspaceMembersRequest request, ServerCallContext context) =>
        members.ListAsync(request, context);
}
