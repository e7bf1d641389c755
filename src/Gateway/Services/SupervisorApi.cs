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
        var principal = CheckOwn(request.SandboxId, request.InstanceId, context);
        var instance = SessionMapping.Word(request.InstanceId);
        await readiness.ChangeAsync(
            request.SandboxId,
            r => readiness.Life.Exited(r, instance, principal.BootEpoch, request.ExitCode),
            context.CancellationToken);
        return new ReportMainProcessExitResponse();
    }

    /// <summary>
    /// What the main process wrote has reached whoever waited for it: what is done after its end may take the machine down.
    /// Only the instance whose end is stored may say so; said again it is the same.
    /// </summary>
    public async Task<FinalizeMainProcessExitResponse> FinalizeExitAsync(FinalizeMainProcessExitRequest request, ServerCallContext context)
    {
        var principal = CheckOwn(request.SandboxId, request.InstanceId, context);
        var instance = SessionMapping.Word(request.InstanceId);
        var isRight = true;
        await readiness.ChangeAsync(
            request.SandboxId,
            r =>
            {
                var taken = ReadinessRules.OutputTaken(r, instance, principal.BootEpoch);
                isRight = taken is not null;
                return taken ?? r;
            },
            context.CancellationToken);
        return isRight
            ? new FinalizeMainProcessExitResponse()
            : throw new Failure(
                FailureKind.FailedPrecondition, $"the end of the main process of instance '{instance}' is not what this sandbox is at").ToException();
    }

    /// <summary>A new token for a supervisor that shows one that is still good; that one stays so, to its own end.</summary>
    public async Task<RefreshSandboxTokenResponse> RefreshTokenAsync(RefreshSandboxTokenRequest request, ServerCallContext context)
    {
        if (request.ExtensionServiceNames.Count > 0)
        {
            throw GrpcErrors.InvalidField(
                "extension_service_names",
                $"extension_service_names: this gateway has no service '{request.ExtensionServiceNames[0]}', and no other; leave it empty");
        }

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

    private static SandboxPrincipal CheckOwn(string sandboxId, string instanceId, ServerCallContext context)
    {
        if (sandboxId.Length == 0 || instanceId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument(sandboxId.Length == 0 ? "sandbox_id is required" : "instance_id is required");
        }

        return context.GetPrincipal() is SandboxPrincipal principal && sandboxId == principal.SandboxId
            ? principal
            : throw SupervisorAdmission.CrossSandbox.ToException();
    }
}
