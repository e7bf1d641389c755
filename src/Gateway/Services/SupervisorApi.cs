using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Supervisors;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;
using WireMessage = OpenShell.Protocol.V1.SupervisorMessage;

namespace OpenShell.Gateway.Services;

/// <summary>ConnectSupervisor and what else a supervisor reports.</summary>
internal sealed class SupervisorApi(
    SupervisorSessionHandler sessions,
    SupervisorAdmission admission,
    ReadinessController readiness,
    SandboxTokens tokens,
    TimeProvider time)
{
    public async Task ConnectAsync(IAsyncStreamReader<WireMessage> input, IServerStreamWriter<GatewayMessage> output, ServerCallContext context)
    {
        var stream = new SupervisorStream(input, output, () => context.GetHttpContext().Abort(), time);
        if (await sessions.ServeAsync(stream, (SandboxPrincipal)context.GetPrincipal(), context.CancellationToken) is { } failure)
        {
            throw failure.ToException();
        }
    }

    /// <summary>
    /// Stores the exit of a sandbox's main process: the first one of the current boot. It may come before that boot's
    /// session does. A report of an older boot changes nothing.
    /// </summary>
    public async Task<ReportMainProcessExitResponse> ReportExitAsync(ReportMainProcessExitRequest request, ServerCallContext context)
    {
        if (request.SandboxId.Length == 0 || request.InstanceId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument(request.SandboxId.Length == 0 ? "sandbox_id is required" : "instance_id is required");
        }

        if (context.GetPrincipal() is not SandboxPrincipal principal || request.SandboxId != principal.SandboxId)
        {
            throw SupervisorAdmission.CrossSandbox.ToException();
        }

        await readiness.ChangeAsync(
            request.SandboxId,
            r => ReadinessRules.Exited(r, SessionMapping.Word(request.InstanceId), principal.BootEpoch, request.ExitCode, time.GetUtcNow()),
            context.CancellationToken);
        return new ReportMainProcessExitResponse();
    }

    /// <summary>A new token for a supervisor that shows one that is still good.</summary>
    public async Task<RefreshSandboxTokenResponse> RefreshTokenAsync(ServerCallContext context)
    {
        var principal = (SandboxPrincipal)context.GetPrincipal();
        if (await admission.CheckAsync(principal, context.CancellationToken) is { } refusal)
        {
            throw refusal.ToException();
        }

        var token = tokens.Issue(principal.SandboxId, principal.BootEpoch);
        return new RefreshSandboxTokenResponse { Token = token.Value, ExpirationTime = token.Expires.ToTimestamp() };
    }

    /// <summary>Tokens for a platform identity: there is none that this gateway could check.</summary>
    public static RpcException IssueToken() => new Failure(
        FailureKind.FailedPrecondition,
        "this gateway issues sandbox tokens at create only, through the compute driver; it knows no platform identity to exchange for one")
        .ToException();
}
