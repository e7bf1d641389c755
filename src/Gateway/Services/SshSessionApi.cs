using Grpc.Core;
using OpenShell.Gateway.Forwarding;
using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.V1;

namespace OpenShell.Gateway.Services;

/// <summary>CreateSshSession and RevokeSshSession.</summary>
internal sealed class SshSessionApi(SshSessions sessions, SessionRegistry supervisors)
{
    public async Task<CreateSshSessionResponse> CreateAsync(CreateSshSessionRequest request, ServerCallContext context)
    {
        if (request.SandboxId.Length == 0)
        {
            throw GrpcErrors.InvalidArgument("sandbox_id is required");
        }

        var grant = (await sessions.CreateAsync(request.SandboxId, context.CancellationToken)).OrThrow();
        var http = context.GetHttpContext();
        var (host, port) = Reachable(http);
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

        var revoked = SshToken.TryParse(request.Token, out var token) && await sessions.RevokeAsync(token.Value, cancellationToken);
        return new RevokeSshSessionResponse { Revoked = revoked };
    }

    // The name that this caller reached us by is one that works for it; the address of the listener may be 0.0.0.0.
    private static (string Host, int Port) Reachable(HttpContext http)
    {
        const int LongestHost = 253;
        var named = http.Request.Host;
        var port = named.Port ?? (http.Request.IsHttps ? 443 : 80);
        return named.HasValue && named.Host.Length is > 0 and <= LongestHost
            ? (named.Host, port)
            : (http.Connection.LocalIpAddress?.ToString() ?? "127.0.0.1", http.Connection.LocalPort);
    }
}
