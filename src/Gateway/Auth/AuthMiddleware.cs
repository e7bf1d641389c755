using Grpc.Core;
using Microsoft.Net.Http.Headers;
using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Http;

namespace OpenShell.Gateway.Auth;

/// <summary>
/// Decides for every gRPC request, before any service sees it: is the method on this listener, who calls, and may they.
/// </summary>
internal sealed class AuthMiddleware(
    RequestDelegate next, AdminToken adminToken, SandboxTokens sandboxTokens, GatewayOptions options)
{
    private const string ConnectSupervisor = "/openshell.v1.OpenShell/ConnectSupervisor";
    private static readonly HashSet<string> PlainHttpPaths = ["/healthz", "/readyz", "/metrics"];
    private static readonly UserPrincipal LocalUser = new("unauthenticated-local-dev", "none");
    private static readonly UserPrincipal Admin = new("admin", "local-token");

    public async Task InvokeAsync(HttpContext context)
    {
        if (MethodTable.Find(context.Request.Path) is not { } access)
        {
            await ServePlainHttpAsync(context);
            return;
        }

        var kind = context.Features.Get<ListenerFeature>()?.Kind ?? ListenerKind.Public;
        var (principal, refusal) = kind == ListenerKind.Supervisor
            ? await AuthenticateSandboxAsync(context, access)
            : AuthenticateUser(context, access);
        if (refusal is { } status)
        {
            await GrpcResponse.EndAsync(context, status.StatusCode, status.Detail);
            return;
        }

        // A secret that nobody needs any more; a session would keep it for days.
        context.Request.Headers.Remove(HeaderNames.Authorization);
        context.SetPrincipal(principal);
        await next(context);
    }

    // Closed by default: routing matches paths more loosely than the method table does, so whatever is not named here
    // must not reach it.
    private Task ServePlainHttpAsync(HttpContext context)
    {
        if (PlainHttpPaths.Contains(context.Request.Path.Value ?? ""))
        {
            return next(context);
        }

        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            return GrpcResponse.EndAsync(context, StatusCode.Unimplemented, "there is no such method");
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private async Task<(Principal Principal, Status? Refusal)> AuthenticateSandboxAsync(HttpContext context, MethodAccess access)
    {
        if (access == MethodAccess.User)
        {
            return Refuse(StatusCode.PermissionDenied, "sandbox principals may not call this method");
        }

        if (access == MethodAccess.Anyone)
        {
            return (new AnonymousPrincipal(), null);
        }

        if (Bearer(context) is not { } token)
        {
            return Refuse(StatusCode.Unauthenticated, "supervisor RPCs require an authenticated sandbox principal");
        }

        // A session shows its token once, and holds its connection for days: nothing to be remembered there.
        var principal = context.Request.Path == ConnectSupervisor
            ? await sandboxTokens.ValidateAsync(token, expiredIsFine: true)
            : await sandboxTokens.ValidateAsync(token, expiredIsFine: false, context.Features.Get<ConnectionToken>());
        return principal is null
            ? Refuse(StatusCode.Unauthenticated, "the sandbox token is not valid")
            : (principal, null);
    }

    private (Principal Principal, Status? Refusal) AuthenticateUser(HttpContext context, MethodAccess access)
    {
        if (access == MethodAccess.Sandbox)
        {
            return Refuse(StatusCode.PermissionDenied, "this method requires a sandbox principal");
        }

        if (access == MethodAccess.Anyone)
        {
            return (new AnonymousPrincipal(), null);
        }

        return Bearer(context) switch
        {
            null when options.AllowUnauthenticatedUsers => (LocalUser, null),
            null => Refuse(StatusCode.Unauthenticated, "missing authorization header"),
            var token when adminToken.Matches(token) => (Admin, null),
            _ => Refuse(StatusCode.Unauthenticated, "the token is not valid"),
        };
    }

    private static (Principal Principal, Status? Refusal) Refuse(StatusCode code, string message) =>
        (new AnonymousPrincipal(), new Status(code, message));

    private static string? Bearer(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }
}
