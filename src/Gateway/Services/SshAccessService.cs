using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Ssh;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Gateway.Workspaces;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;
using WireToken = OpenShell.Protocol.Extensions.V1.SshAccessToken;

namespace OpenShell.Gateway.Services;

/// <summary>Who may come in at the public SSH gateway: access tokens and registered keys.</summary>
internal sealed class SshAccessService(
    SandboxDirectory sandboxes, WorkspaceDirectory workspaces, SshAccessTokens tokens, SshKeyStore keys, AccessLeases connections, SshGateway gateway)
    : Protocol.Extensions.V1.SshAccess.SshAccessBase
{
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(366);

    public override async Task<CreateSshAccessResponse> CreateSshAccess(CreateSshAccessRequest request, ServerCallContext context)
    {
        var life = WireTimes.Span("lifetime", request.Lifetime) ?? DefaultLifetime;
        if (life == TimeSpan.Zero || life > LongestLifetime)
        {
            throw GrpcErrors.InvalidArgument(
                $"lifetime is {life.TotalSeconds} s; more than none and at most {LongestLifetime.TotalSeconds} s are possible");
        }

        var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, context.CancellationToken);

        if (gateway.EndPoint is not { } endpoint)
        {
            throw new Failure(
                FailureKind.FailedPrecondition, "the gateway has no SSH listener; start it with --ssh-bind 127.0.0.1:2222").ToException();
        }

        var grant = (await tokens.CreateAccessAsync(sandbox, life, context.CancellationToken)).OrThrow();
        return new CreateSshAccessResponse
        {
            Access = new WireToken
            {
                Id = grant.Token.Id,
                SandboxId = sandbox.Id,
                Sandbox = sandbox.Name,
                Workspace = sandbox.Workspace,
                CreatedTime = grant.CreatedAt.ToTimestamp(),
                ExpirationTime = grant.ExpiresAt.ToTimestamp(),
            },
            Token = grant.Token.ToText(),
            Host = ReachableAddress.Host(context.GetHttpContext(), endpoint.Address),
            Port = (uint)endpoint.Port,
            HostKeyFingerprint = gateway.Fingerprint,
        };
    }

    public override async Task<ListSshAccessResponse> ListSshAccess(ListSshAccessRequest request, ServerCallContext context)
    {
        var workspace = await workspaces.OneOrAllAsync(request.WorkspaceScope, context.CancellationToken);
        var only = request.Sandbox.Length == 0
            ? null
            : (await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, context.CancellationToken)).Id;
        var answer = new ListSshAccessResponse();
        foreach (var record in await tokens.ListAccessAsync(only, context.CancellationToken))
        {
            // A token whose sandbox is going is of no use to anybody.
            if (await sandboxes.GetAsync(record.SandboxId, context.CancellationToken) is { } sandbox && (workspace ?? sandbox.Workspace) == sandbox.Workspace)
            {
                answer.Access.Add(ToMessage(record, sandbox));
            }
        }

        return answer;
    }

    public override async Task<RevokeSshAccessResponse> RevokeSshAccess(RevokeSshAccessRequest request, ServerCallContext context)
    {
        switch (request)
        {
            case { HasId: true, Id.Length: > 0 }:
                return await IsInScopeAsync(request, context.CancellationToken)
                    && await tokens.RevokeAccessAsync(request.Id, context.CancellationToken)
                    ? new RevokeSshAccessResponse { Revoked = 1 }
                    : throw new Failure(FailureKind.NotFound, $"there is no SSH access token '{request.Id}'").ToException();
            case { HasSandbox: true }:
                var revoked = 0U;
                var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, context.CancellationToken);
                foreach (var record in await tokens.ListAccessAsync(sandbox.Id, context.CancellationToken))
                {
                    revoked += await tokens.RevokeAccessAsync(record.Id, context.CancellationToken) ? 1U : 0U;
                }

                return new RevokeSshAccessResponse { Revoked = revoked };
            default:
                throw GrpcErrors.InvalidArgument("id or sandbox is required");
        }
    }

    public override async Task<AddSshKeyResponse> AddSshKey(AddSshKeyRequest request, ServerCallContext context)
    {
        var key = SshPublicKey.Parse(request.PublicKey).OrThrow();
        return new AddSshKeyResponse { Key = ToMessage((await keys.PutAsync(key, context.CancellationToken)).OrThrow()) };
    }

    public override async Task<ListSshKeysResponse> ListSshKeys(ListSshKeysRequest request, ServerCallContext context) =>
        new() { Keys = { (await keys.ListAllAsync(context.CancellationToken)).Select(ToMessage) } };

    public override async Task<RemoveSshKeyResponse> RemoveSshKey(RemoveSshKeyRequest request, ServerCallContext context)
    {
        if (await keys.DeleteAsync(request.Fingerprint, context.CancellationToken) != StoreOutcome.Done)
        {
            throw new Failure(FailureKind.NotFound, $"there is no SSH key '{request.Fingerprint}'").ToException();
        }

        connections.EndCredential(request.Fingerprint, "the SSH key was removed");
        return new RemoveSshKeyResponse();
    }

    // With an id, the selector may be left out.
    private async Task<bool> IsInScopeAsync(RevokeSshAccessRequest request, CancellationToken cancellationToken) =>
        request.WorkspaceScope is null
        || await workspaces.OneOrAllAsync(request.WorkspaceScope, cancellationToken) is not { } workspace
        || (await tokens.GetAccessAsync(request.Id, cancellationToken) is { } record
            && (await sandboxes.GetAsync(record.SandboxId, cancellationToken))?.Workspace == workspace);

    private WireToken ToMessage(SshAccessRecord record, SandboxRecord sandbox) => new()
    {
        Id = record.Id,
        SandboxId = record.SandboxId,
        Sandbox = sandbox.Name,
        Workspace = sandbox.Workspace,
        CreatedTime = record.CreatedAt.ToTimestamp(),
        ExpirationTime = record.ExpiresAt.ToTimestamp(),
        Connections = (uint)connections.Count(record.Id),
    };

    private static SshKey ToMessage(SshKeyRecord key) => new()
    {
        Fingerprint = key.Fingerprint,
        Type = key.KeyType,
        Comment = key.Comment,
        CreatedTime = key.CreatedAt.ToTimestamp(),
    };
}
