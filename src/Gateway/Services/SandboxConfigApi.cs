using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Supervisors;
using OpenShell.Gateway.Watch;
using OpenShell.Protocol.Logs;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.Untrusted;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>The configuration of a sandbox, for people and for its supervisor, and what the supervisor reports about it.</summary>
internal sealed class SandboxConfigApi(
    SandboxDirectory sandboxes,
    SupervisorAdmission admission,
    ReadinessController readiness,
    SandboxJournal journal,
    TimeProvider time)
{
    private const string Target = "configuration";
    private const int LongestError = 1024;

    private static readonly Failure NotOwned = new(FailureKind.PermissionDenied, "sandbox not found or not owned by caller");

    /// <summary>A sandbox may ask for itself only, and may leave out the workspace: it learns from the answer which one it is in.</summary>
    public async Task<GetSandboxConfigResponse> GetAsync(GetSandboxConfigRequest request, ServerCallContext context)
    {
        if (context.GetPrincipal() is not SandboxPrincipal principal)
        {
            return (await sandboxes.FindAsync(request.WorkspaceScope, request.Name, context.CancellationToken)).ToConfig();
        }

        if (request.Name.Length == 0)
        {
            throw GrpcErrors.InvalidField("name", "sandbox is required");
        }

        var own = await sandboxes.GetAsync(principal.SandboxId, context.CancellationToken);
        var isOwn = own?.Name == request.Name && (request.WorkspaceScope is null || WorkspaceScope.One(request.WorkspaceScope) == own.Workspace);
        return isOwn ? own!.ToConfig() : throw NotOwned.ToException();
    }

    /// <summary>Stores what a supervisor of the current boot makes of the configuration.</summary>
    public async Task<ReportSandboxConfigurationResponse> ReportAsync(ReportSandboxConfigurationRequest request, ServerCallContext context)
    {
        var principal = Own(request.SandboxId, context);
        var report = SandboxConfigMapping.ToReport(request);
        await CheckBootAsync(principal, context.CancellationToken);
        Failure? refusal = null;
        SandboxRecord? before = null;
        var after = await readiness.ChangeAsync(
            principal.SandboxId,
            record =>
            {
                before = record;
                var configured = SandboxConfigMapping.RevisionOf(SandboxConfigMapping.PolicyOf(record));
                return ConfigurationRules.Report(record, configured, report, principal.BootEpoch, time.GetUtcNow()).Succeeded(out var next, out refusal)
                    ? next
                    : record;
            },
            context.CancellationToken);
        if ((after is null ? SandboxDirectory.NotFound : refusal) is { } failure)
        {
            throw failure.ToException();
        }

        Note(before!, after!);
        return new ReportSandboxConfigurationResponse();
    }

    /// <summary>Stores which policy a supervisor has loaded.</summary>
    public async Task<ReportPolicyStatusResponse> ReportPolicyAsync(ReportPolicyStatusRequest request, ServerCallContext context)
    {
        var principal = Own(request.SandboxId, context);
        if (request.Status is not (PolicyStatus.Pending or PolicyStatus.Loaded or PolicyStatus.Failed or PolicyStatus.Superseded))
        {
            throw GrpcErrors.InvalidField("status", $"status {(int)request.Status} is none of PENDING, LOADED, FAILED, SUPERSEDED");
        }

        await CheckBootAsync(principal, context.CancellationToken);
        Failure? refusal = null;
        var after = await readiness.ChangeAsync(
            principal.SandboxId,
            record =>
            {
                var configured = SandboxConfigMapping.RevisionOf(SandboxConfigMapping.PolicyOf(record)).PolicyVersion;
                refusal = request.Version == configured
                    ? null
                    : new Failure(FailureKind.FailedPrecondition, $"version {request.Version} is not what is configured ({configured}): get the configuration again");
                return refusal is null && request.Status == PolicyStatus.Loaded ? record with { LoadedPolicyVersion = configured } : record;
            },
            context.CancellationToken);
        if ((after is null ? SandboxDirectory.NotFound : refusal) is { } failure)
        {
            throw failure.ToException();
        }

        if (request.Status == PolicyStatus.Failed)
        {
            journal.Note(
                principal.SandboxId,
                LogLevels.Error,
                Target,
                $"the supervisor could not load version {request.Version} of the policy: {HarmlessText.Line(request.LoadError, LongestError)}");
        }

        return new ReportPolicyStatusResponse();
    }

    private static SandboxPrincipal Own(string sandboxId, ServerCallContext context)
    {
        if (sandboxId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("sandbox_id is required");
        }

        return context.GetPrincipal() is SandboxPrincipal principal && principal.SandboxId == sandboxId
            ? principal
            : throw SupervisorAdmission.CrossSandbox.ToException();
    }

    private async Task CheckBootAsync(SandboxPrincipal principal, CancellationToken cancellationToken)
    {
        if (await admission.CheckAsync(principal, cancellationToken) is { } refusal)
        {
            throw refusal.ToException();
        }
    }

    private void Note(SandboxRecord before, SandboxRecord after)
    {
        if (before.Admission == after.Admission || after.Admission is not { } admission)
        {
            return;
        }

        switch (admission.State)
        {
            case AdmissionState.Accepted:
                journal.Note(after.Id, LogLevels.Info, Target, $"configuration accepted by {admission.InstanceId}");
                break;
            case AdmissionState.Rejected:
                journal.Note(after.Id, LogLevels.Error, Target, $"configuration rejected by {admission.InstanceId}: {HarmlessText.Line(admission.Error, LongestError)}");
                break;
        }
    }
}
