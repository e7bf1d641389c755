using System.Collections.Immutable;
using Google.Protobuf;
using OpenShell.Gateway.Lifecycle;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>Create, get, list, delete, stop and start.</summary>
internal sealed class SandboxApi(SandboxStore store, SandboxCreator creator, SandboxLifecycle lifecycle)
{
    private const int DefaultPage = 100;
    private const int MaxPage = 1000;

    public async Task<SandboxResponse> CreateAsync(CreateSandboxRequest request, CancellationToken cancellationToken)
    {
        CreateSandboxValidator.Check(request);
        var workspace = RequireDefaultWorkspace(request.Workspace);
        var creation = new CreateSandboxArguments(
            request.Name,
            workspace,
            request.Labels.ToImmutableDictionary(),
            request.Annotations.ToImmutableDictionary(),
            (request.Spec ?? new SandboxSpec()).ToByteArray());
        return (await creator.CreateAsync(creation, cancellationToken)).OrThrow().ToResponse();
    }

    public async Task<SandboxResponse> GetAsync(string name, string workspace, CancellationToken cancellationToken) =>
        (await FindAsync(name, workspace, cancellationToken)).ToResponse();

    public async Task<ListSandboxesResponse> ListAsync(ListSandboxesRequest request, CancellationToken cancellationToken)
    {
        var labels = SandboxMapping.ToLabels(request.LabelSelector).OrThrow();
        var limit = request.Limit == 0 ? DefaultPage : (int)Math.Min(request.Limit, MaxPage);
        var workspace = request.AllWorkspaces ? null : SandboxMapping.Workspace(request.Workspace);
        var offset = (int)Math.Min(request.Offset, int.MaxValue);
        var records = await store.ListAsync(workspace, labels, limit, offset, cancellationToken);
        return new ListSandboxesResponse { Sandboxes = { records.Select(r => r.ToMessage()) } };
    }

    public async Task<DeleteSandboxResponse> DeleteAsync(DeleteSandboxRequest request, CancellationToken cancellationToken)
    {
        var sandbox = await FindAsync(request.Name, request.Workspace, cancellationToken);
        (await lifecycle.DeleteAsync(sandbox, cancellationToken)).OrThrow();
        return new DeleteSandboxResponse { Deleted = true };
    }

    public async Task<SandboxResponse> StopAsync(StopSandboxRequest request, CancellationToken cancellationToken)
    {
        var sandbox = await FindAsync(request.Name, request.Workspace, cancellationToken);
        return (await lifecycle.StopAsync(sandbox, request.Force, cancellationToken)).OrThrow().ToResponse();
    }

    public async Task<SandboxResponse> StartAsync(StartSandboxRequest request, CancellationToken cancellationToken)
    {
        var sandbox = await FindAsync(request.Name, request.Workspace, cancellationToken);
        return (await lifecycle.StartAsync(sandbox, cancellationToken)).OrThrow().ToResponse();
    }

    private async Task<SandboxRecord> FindAsync(string name, string workspace, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("name is required");
        }

        return await store.GetByNameAsync(SandboxMapping.Workspace(workspace), name, cancellationToken)
            ?? throw new Failure(FailureKind.NotFound, $"sandbox '{name}' not found").ToException();
    }

    // Workspaces are a later capability: until then there is one, and it has a name.
    private static string RequireDefaultWorkspace(string workspace) =>
        SandboxMapping.Workspace(workspace) is SandboxRecord.DefaultWorkspace
            ? SandboxRecord.DefaultWorkspace
            : throw new Failure(FailureKind.NotFound, $"workspace '{workspace}' not found").ToException();
}
