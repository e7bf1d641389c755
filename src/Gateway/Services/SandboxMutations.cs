using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>A change whose answer is the sandbox: a repeat is told of it as it is now.</summary>
internal abstract class SandboxMutation<TRequest>(SandboxStore sandboxes) : Mutation<TRequest, SandboxResponse>
    where TRequest : class
{
    public sealed override RequestResult ToResult(SandboxResponse response) => new(response.Sandbox.Metadata.Id);

    public sealed override async Task<SandboxResponse?> ReplayAsync(RequestResult result, CancellationToken cancellationToken) =>
        (await sandboxes.GetAsync(result.ObjectId, cancellationToken))?.ToResponse();
}

internal sealed class CreateSandboxMutation(SandboxStore sandboxes) : SandboxMutation<CreateSandboxRequest>(sandboxes)
{
    public override RequestKind Kind => RequestKind.Creation;

    public override void CheckShape(CreateSandboxRequest request) => CreateSandboxValidator.CheckShape(request);

    public override void CheckContent(CreateSandboxRequest request) => CreateSandboxValidator.CheckContent(request);
}

internal sealed class StartSandboxMutation(SandboxStore sandboxes) : SandboxMutation<StartSandboxRequest>(sandboxes)
{
    public override void CheckContent(StartSandboxRequest request) => SandboxName.Require(request.Name);
}

internal sealed class StopSandboxMutation(SandboxStore sandboxes) : SandboxMutation<StopSandboxRequest>(sandboxes)
{
    public override void CheckContent(StopSandboxRequest request) => SandboxName.Require(request.Name);
}

internal sealed class DeleteSandboxMutation : Mutation<DeleteSandboxRequest, DeleteSandboxResponse>
{
    public override void CheckContent(DeleteSandboxRequest request) => SandboxName.Require(request.Name);

    public override RequestResult ToResult(DeleteSandboxResponse response) => new(response.SandboxId, Outcome: (int)response.Outcome);

    public override Task<DeleteSandboxResponse?> ReplayAsync(RequestResult result, CancellationToken cancellationToken) =>
        Task.FromResult<DeleteSandboxResponse?>(new() { SandboxId = result.ObjectId, Outcome = (DeletionOutcome)result.Outcome });
}

/// <summary>The name of the sandbox that a request is for.</summary>
internal static class SandboxName
{
    /// <exception cref="Grpc.Core.RpcException">There is none.</exception>
    public static void Require(string name)
    {
        if (name.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("sandbox is required");
        }
    }
}
