using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.SshAccess;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>CreateSshSession and RevokeSshSession.</summary>
internal sealed class SshSessionApi(SandboxDirectory sandboxes, SshAccessTokens sessions)
{
    public async Task<CreateSshSessionResponse> CreateAsync(CreateSshSessionRequest request, ServerCallContext context)
    {
        var sandbox = await sandboxes.FindAsync(request.WorkspaceScope, request.Sandbox, context.CancellationToken);
        var grant = (await sessions.CreateAsync(sandbox, context.CancellationToken)).OrThrow();
        var http = context.GetHttpContext();
        var (host, port) = ReachableAddress.Public(http);
        return new CreateSshSessionResponse
        {
            SandboxId = sandbox.Id,
            Token = grant.Token.ToText(),
            GatewayHost = host,
            GatewayPort = (uint)port,
            GatewayScheme = http.Request.Scheme,
            HostKeyFingerprint = sandbox.HostKeyFingerprint,
            ExpirationTime = grant.ExpiresAt.ToTimestamp(),
        };
    }

    public async Task<RevokeSshSessionResponse> RevokeAsync(RevokeSshSessionRequest request, CancellationToken cancellationToken)
    {
        if (request.Token.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("token is required");
        }

        var revoked = SshAccessToken.TryParse(request.Token, out var token) && await sessions.RevokeAsync(token.Value, cancellationToken);
        return revoked || request.AllowMissing
            ? new RevokeSshSessionResponse { Outcome = revoked ? DeletionOutcome.Completed : DeletionOutcome.AlreadyAbsent }
            : throw new Failure(FailureKind.NotFound, "ssh session not found").ToException();
    }
}
