using Grpc.Core;
using OpenShell.Gateway.Ssh;
using OpenShell.Gateway.SshAccess;
using OpenShell.Gateway.Store;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.Outcomes;
using WireToken = OpenShell.Protocol.Extensions.V1.SshAccessToken;

namespace OpenShell.Gateway.Services;

/// <summary>Who may come in at the public SSH gateway: access tokens and registered keys.</summary>
internal sealed class SshAccessService(SshAccessTokens tokens, SshKeyStore keys, AccessLeases connections, SshGateway gateway)
    : Protocol.Extensions.V1.SshAccess.SshAccessBase
{
    private const uint DefaultSeconds = 3600;
    private const uint MostSeconds = 366 * 86400;

    public override async Task<CreateSshAccessResponse> CreateSshAccess(CreateSshAccessRequest request, ServerCallContext context)
    {
        if (request.SandboxId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("sandbox_id is required");
        }

        if (request.ExpiresInSeconds > MostSeconds)
        {
            throw GrpcErrors.InvalidArgument($"expires_in_seconds is {request.ExpiresInSeconds}; at most {MostSeconds} are possible");
        }

        if (gateway.EndPoint is not { } endpoint)
        {
            throw new Failure(
                FailureKind.FailedPrecondition, "the gateway has no SSH listener; start it with --ssh-bind 127.0.0.1:2222").ToException();
        }

        var life = TimeSpan.FromSeconds(request.ExpiresInSeconds == 0 ? DefaultSeconds : request.ExpiresInSeconds);
        var grant = (await tokens.CreateAccessAsync(request.SandboxId, life, context.CancellationToken)).OrThrow();
        return new CreateSshAccessResponse
        {
            Access = new WireToken
            {
                Id = grant.Token.Id,
                SandboxId = request.SandboxId,
                CreatedAtMs = grant.CreatedAt.ToUnixTimeMilliseconds(),
                ExpiresAtMs = grant.ExpiresAt.ToUnixTimeMilliseconds(),
            },
            Token = grant.Token.ToText(),
            Host = ReachableAddress.Host(context.GetHttpContext(), endpoint.Address),
            Port = (uint)endpoint.Port,
            HostKeyFingerprint = gateway.Fingerprint,
        };
    }

    public override async Task<ListSshAccessResponse> ListSshAccess(ListSshAccessRequest request, ServerCallContext context)
    {
        var records = await tokens.ListAccessAsync(request.SandboxId.Length == 0 ? null : request.SandboxId, context.CancellationToken);
        return new ListSshAccessResponse { Access = { records.Select(ToMessage) } };
    }

    public override async Task<RevokeSshAccessResponse> RevokeSshAccess(RevokeSshAccessRequest request, ServerCallContext context)
    {
        switch (request)
        {
            case { HasId: true, Id.Length: > 0 }:
                return await tokens.RevokeAccessAsync(request.Id, context.CancellationToken)
                    ? new RevokeSshAccessResponse { Revoked = 1 }
                    : throw new Failure(FailureKind.NotFound, $"there is no SSH access token '{request.Id}'").ToException();
            case { HasSandboxId: true, SandboxId.Length: > 0 }:
                var revoked = 0U;
                foreach (var record in await tokens.ListAccessAsync(request.SandboxId, context.CancellationToken))
                {
                    revoked += await tokens.RevokeAccessAsync(record.Id, context.CancellationToken) ? 1U : 0U;
                }

                return new RevokeSshAccessResponse { Revoked = revoked };
            default:
                throw GrpcErrors.InvalidArgument("id or sandbox_id is required");
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

    private WireToken ToMessage(SshAccessRecord record) => new()
    {
        Id = record.Id,
        SandboxId = record.SandboxId,
        CreatedAtMs = record.CreatedAt.ToUnixTimeMilliseconds(),
        ExpiresAtMs = record.ExpiresAt.ToUnixTimeMilliseconds(),
        Connections = (uint)connections.Count(record.Id),
    };

    private static SshKey ToMessage(SshKeyRecord key) => new()
    {
        Fingerprint = key.Fingerprint,
        Type = key.KeyType,
        Comment = key.Comment,
        CreatedAtMs = key.CreatedAt.ToUnixTimeMilliseconds(),
    };
}
