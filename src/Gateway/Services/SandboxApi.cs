using System.Collections.Immutable;
using Google.Protobuf;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Create, get, list, delete, stop and start.</summary>
internal sealed class SandboxApi(SandboxDirectory sandboxes, SandboxStore store, SandboxCreator creator, SandboxLifecycle lifecycle)
{
    public async Task<SandboxResponse> CreateAsync(CreateSandboxRequest request, CancellationToken cancellationToken)
    {
        CreateSandboxValidator.CheckShape(request);
        var workspace = WorkspaceScope.One(request.WorkspaceScope);
        CreateSandboxValidator.CheckContent(request);
        // The gateway's own, whatever the caller sends.
        request.Spec.ProviderAttachmentEpoch = Guid.NewGuid().ToString();
        var creation = new CreateSandboxArguments(
            request.Name,
            workspace,
            request.Labels.ToImmutableDictionary(),
            request.Annotations.ToImmutableDictionary(),
            request.Spec.ToByteArray());
        return (await creator.CreateAsync(creation, cancellationToken)).OrThrow().ToResponse();
    }

    public async Task<SandboxResponse> GetAsync(GetSandboxRequest request, CancellationToken cancellationToken) =>
        (await sandboxes.FindAsync(request.WorkspaceScope, request.Name, cancellationToken)).ToResponse();

    public async Task<ListSandboxesResponse> ListAsync(ListSandboxesRequest request, CancellationToken cancellationToken)
    {
        var page = Paging.OfObjects(nameof(Protocol.V1.OpenShell.OpenShellBase.ListSandboxes), request, request.PageSize, request.PageToken);
        var labels = SandboxMapping.ToLabels(request.LabelSelector).OrThrow();
        var workspace = WorkspaceScope.OneOrAll(request.WorkspaceScope);
        var found = await store.ListAsync(workspace, labels, page.Limit, page.After, cancellationToken);
        return new ListSandboxesResponse
        {
            Sandboxes = { found.Records.Select(r => r.ToMessage()) },
            NextPageToken = page.NextToken(found.Next),
        };
    }

    public async Task<DeleteSandboxResponse> DeleteAsync(DeleteSandboxRequest request, CancellationToken cancellationToken)
    {
        var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Name, cancellationToken);
        (await lifecycle.DeleteAsync(sandbox, cancellationToken)).OrThrow();
        return new DeleteSandboxResponse { Outcome = DeletionOutcome.Completed, SandboxId = sandbox.Id };
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
}
