using System.Collections.Immutable;
using Google.Protobuf;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Create, get, list, delete, stop and start.</summary>
internal sealed class SandboxApi(
    SandboxDirectory sandboxes, SandboxStore store, WorkspaceDirectory workspaces, SandboxCreator creator, SandboxLifecycle lifecycle)
{
    public async Task<SandboxResponse> CreateAsync(CreateSandboxRequest request, CancellationToken cancellationToken)
    {
        CreateSandboxValidator.CheckShape(request);
        var workspace = (await workspaces.FindOpenAsync(WorkspaceScope.One(request.WorkspaceScope), cancellationToken)).OrThrow();
        CreateSandboxValidator.CheckContent(request);
        CompleteSpec(request.Spec);
        var creation = new CreateSandboxArguments(
            request.Name,
            workspace.Name,
            request.Labels.ToImmutableDictionary(),
            request.Annotations.ToImmutableDictionary(),
            request.Spec.ToByteArray())
        {
            RestartPolicy = (Sandboxes.SandboxRestartPolicy)request.Spec.RestartPolicy,
            AwaitsAttachment = request.AwaitMainProcessAttachment,
        };
        return (await creator.CreateAsync(creation, cancellationToken)).OrThrow().ToResponse();
    }

    public async Task<SandboxResponse> GetAsync(GetSandboxRequest request, CancellationToken cancellationToken) =>
        (await sandboxes.FindAsync(request.WorkspaceScope, request.Name, cancellationToken)).ToResponse();

    public async Task<ListSandboxesResponse> ListAsync(ListSandboxesRequest request, CancellationToken cancellationToken)
    {
        var page = Paging.OfObjects(nameof(Protocol.V1.OpenShell.OpenShellBase.ListSandboxes), request, request.PageSize, request.PageToken);
        var labels = LabelSelector.Parse(request.LabelSelector).OrThrow();
        var workspace = await workspaces.OneOrAllAsync(request.WorkspaceScope, cancellationToken);
        var found = await store.ListAsync(workspace, labels, page.Limit, page.After, cancellationToken);
        return new ListSandboxesResponse
        {
            Sandboxes = { found.Records.Select(r => r.ToMessage()) },
            NextPageToken = page.NextToken(found.Next),
        };
    }

    /// <summary>Once begun it goes on when the caller goes away, and when the driver takes longer than is waited for.</summary>
    public async Task<DeleteSandboxResponse> DeleteAsync(DeleteSandboxRequest request, CancellationToken cancellationToken)
    {
        if (await sandboxes.FindToDeleteAsync(request.WorkspaceScope, request.Name, request.AllowMissing, cancellationToken) is not { } sandbox)
        {
            return new DeleteSandboxResponse { Outcome = DeletionOutcome.AlreadyAbsent };
        }

        var deleted = await lifecycle.DeleteAsync(sandbox, CancellationToken.None);
        var outcome = deleted.Succeeded(out _, out var failure) ? DeletionOutcome.Completed : failure.Kind switch
        {
            // Another deletion was quicker.
            FailureKind.NotFound => DeletionOutcome.Completed,
            // The driver has not said no; what is noted the reconciler finishes.
            FailureKind.DeadlineExceeded or FailureKind.Unavailable or FailureKind.Internal when await HasBegunAsync(sandbox.Id) =>
                DeletionOutcome.Accepted,
            _ => throw failure.ToException(),
        };
        return new DeleteSandboxResponse { Outcome = outcome, SandboxId = sandbox.Id };
    }

    public async Task<SandboxResponse> StopAsync(StopSandboxRequest request, CancellationToken cancellationToken)
    {
        var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Name, cancellationToken);
        return (await lifecycle.StopAsync(sandbox, request.Force, cancellationToken)).OrThrow().ToResponse();
    }

    public async Task<SandboxResponse> StartAsync(StartSandboxRequest request, CancellationToken cancellationToken)
    {
        var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Name, cancellationToken);
        return (await lifecycle.StartAsync(sandbox, cancellationToken)).OrThrow().ToResponse();
    }

    private async Task<bool> HasBegunAsync(string id) =>
        (await store.GetAsync(id, CancellationToken.None))?.Phase == Sandboxes.SandboxPhase.Deleting;

    // What is stored, and told to everybody, is what is done.
    private static void CompleteSpec(SandboxSpec spec)
    {
        // The gateway's own, whatever the caller sends.
        spec.ProviderAttachmentEpoch = Guid.NewGuid().ToString();
        // A login shell.
        spec.Tty |= spec.Command.Count == 0;
        if (spec.RestartPolicy == Protocol.V1.SandboxRestartPolicy.Unspecified)
        {
            spec.RestartPolicy = Protocol.V1.SandboxRestartPolicy.Never;
        }
    }
}
