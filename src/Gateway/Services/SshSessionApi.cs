using Grpc.Core;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.SshAccess;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>CreateSshSession and RevokeSshSession.</summary>
internal sealed class SshSessionApi(SshAccessTokens sessions, SessionRegistry supervisors)
{
    public async Task<CreateSshSessionResponse> CreateAsync(CreateSshSessionRequest request, ServerCallContext context)
    {
        if (request.SandboxId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("sandbox_id is required");
        }

        var grant = (await sessions.CreateAsync(request.SandboxId, context.CancellationToken)).OrThrow();
        var http = context.GetHttpContext();
        var (host, port) = ReachableAddress.Public(http);
        return new CreateSshSessionResponse
        {
            SandboxId = request.SandboxId,
            Token = grant.Token.ToText(),
            GatewayHost = host,
            GatewayPort = (uint)port,
            GatewayScheme = http.Request.Scheme,
            HostKeyFingerprint = supervisors.Find(request.SandboxId)?.SshHostKeyFingerprint ?? "",
            ExpiresAtMs = grant.ExpiresAt.ToUnixTimeMilliseconds(),
        };
    }

    public async Task<RevokeSshSessionResponse> RevokeAsync(RevokeSshSessionRequest request, CancellationToken cancellationToken)
    {
        if (request.Token.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("token is required");
        }

        var revoked = SshAccessToken.TryParse(request.Token, out var token) && await sessions.RevokeAsync(token.Value, cancellationToken);
        return new RevokeSshSessionResponse { Revoked = revoked };
    }
}
