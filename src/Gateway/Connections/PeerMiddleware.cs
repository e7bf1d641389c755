using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Http;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// After <see cref="AuthMiddleware"/>: a connection learns who is there, and a call takes a place among those that
/// its caller may have at a time.
/// </summary>
internal sealed class PeerMiddleware(RequestDelegate next, SandboxCalls calls, ConnectionOptions options)
{
    public Task InvokeAsync(HttpContext context)
    {
        var peer = context.Features.Get<PeerConnection>();
        switch (context.GetPrincipal())
        {
            case SandboxPrincipal sandbox:
                peer?.Authenticate(sandbox);
                return ServeSandboxAsync(context, sandbox);
            case UserPrincipal user:
                peer?.Authenticate(user);
                return next(context);
            default:
                return peer is null ? next(context) : ServeAnonymousAsync(context, peer);
        }
    }

    private async Task ServeSandboxAsync(HttpContext context, SandboxPrincipal sandbox)
    {
        var (place, refusal) = calls.Begin(sandbox, context.Request.Path);
        if (refusal is not null)
        {
            await GrpcResponse.EndAsync(context, refusal.Kind.ToStatusCode(), refusal.Message);
            return;
        }

        using (place)
        {
            await next(context);
        }
    }

    private async Task ServeAnonymousAsync(HttpContext context, PeerConnection peer)
    {
        if (!peer.TryBeginAnonymousCall())
        {
            ConnectionMetrics.Refused(CallLimit.AnonymousCalls);
            await GrpcResponse.EndAsync(
                context,
                Grpc.Core.StatusCode.ResourceExhausted,
                $"{options.MaxAnonymousCalls} calls without a token are running on this connection, which is the limit");
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            peer.EndAnonymousCall();
        }
    }
}
