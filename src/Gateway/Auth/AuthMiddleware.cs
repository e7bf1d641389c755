using Grpc.Core;
using Microsoft.Net.Http.Headers;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Http;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Auth;

/// <summary>
/// Decides for every gRPC request, before any service sees it: is the method on this listener, who calls, and may they.
/// </summary>
internal sealed class AuthMiddleware(
    RequestDelegate next, MethodTable methods, AdminToken adminToken, SandboxTokens sandboxTokens, CurrentBoots boots, GatewayOptions options)
{
    /// <summary>The method that opens a session.</summary>
    public const string ConnectSupervisor = "/openshell.v1.OpenShell/ConnectSupervisor";
    private static readonly HashSet<string> PlainHttpPaths = ["/healthz", "/readyz", "/metrics"];
    private static readonly UserPrincipal LocalUser = new("unauthenticated-local-dev", "none");
    private static readonly Caller NotValid = Refuse(StatusCode.Unauthenticated, "the sandbox token is not valid");
    private static readonly Caller NoPeer = Refuse(StatusCode.PermissionDenied, "this method is for other gateways, and this one has none");
    private static readonly UserPrincipal Admin = new("admin", "local-token");

    public async Task InvokeAsync(HttpContext context)
    {
        if (methods.Find(context.Request.Path) is not { } access)
        {
            await ServePlainHttpAsync(context);
            return;
        }

        var kind = context.Features.Get<ListenerFeature>()?.Kind ?? ListenerKind.Public;
        Caller caller;
        try
        {
            caller = access == MethodAccess.Peer ? NoPeer : kind == ListenerKind.Supervisor
                ? await AuthenticateSandboxAsync(context, access)
                : AuthenticateUser(context, access);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // It went before it was looked at: nobody is there to be answered, and nothing is worth a line in the log,
            // of which a guest could make any number.
            return;
        }

        if (caller.Refusal is { } status)
        {
            await GrpcResponse.EndAsync(context, status.StatusCode, status.Detail);
            return;
        }

        // A secret that nobody needs any more; a session would keep it for days.
        context.Request.Headers.Remove(HeaderNames.Authorization);
        context.SetPrincipal(caller.Principal);
        if (!caller.Over.CanBeCanceled)
        {
            await next(context);
            return;
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, caller.Over);
        context.RequestAborted = linked.Token;
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

    private async Task<Caller> AuthenticateSandboxAsync(HttpContext context, MethodAccess access)
    {
        if (access == MethodAccess.User)
        {
            return Refuse(StatusCode.PermissionDenied, "sandbox principals may not call this method");
        }

        if (access == MethodAccess.Anyone)
        {
            return new Caller(new AnonymousPrincipal());
        }

        if (Bearer(context) is not { } token)
        {
            return Refuse(StatusCode.Unauthenticated, "supervisor RPCs require an authenticated sandbox principal");
        }

        // A session shows its token once, and holds its connection for days: nothing to be remembered there. Its own answer
        // says why it is rejected, and the registry ends it with its boot.
        if (context.Request.Path == ConnectSupervisor)
        {
            return await sandboxTokens.ValidateAsync(token, expiredIsFine: true) is { } supervisor ? new Caller(supervisor) : NotValid;
        }

        return await sandboxTokens.ValidateAsync(token, expiredIsFine: false, context.Features.Get<ValidatedTokenCache>()) is { } principal
            ? await EnterBootAsync(principal, context.RequestAborted)
            : NotValid;
    }

    // Whatever the method: the token says which boot it was made for, and another one than the current is over.
    private async ValueTask<Caller> EnterBootAsync(SandboxPrincipal principal, CancellationToken cancellationToken)
    {
        try
        {
            var (over, refusal) = await boots.EnterAsync(principal.SandboxId, principal.BootEpoch, cancellationToken);
            return refusal is null ? new Caller(principal, over) : Refuse(StatusCode.Unauthenticated, refusal);
        }
        catch (StoreUnavailableException e)
        {
            return Refuse(StatusCode.Unavailable, e.Message);
        }
    }

    private Caller AuthenticateUser(HttpContext context, MethodAccess access)
    {
        if (access == MethodAccess.Sandbox)
        {
            return Refuse(StatusCode.PermissionDenied, "this method requires a sandbox principal");
        }

        if (access == MethodAccess.Anyone)
        {
            return new Caller(new AnonymousPrincipal());
        }

        if (context.Features.Get<LocalPeer>() is { } peer)
        {
            return new Caller(peer.Principal);
        }

        return Bearer(context) switch
        {
            null when options.AllowUnauthenticatedUsers => new Caller(LocalUser),
            null => Refuse(StatusCode.Unauthenticated, "missing authorization header"),
            var token when adminToken.Matches(token, out var over) => new Caller(Admin, over),
            _ => Refuse(StatusCode.Unauthenticated, "the token is not valid"),
        };
    }

    private static Caller Refuse(StatusCode code, string message) => new(new AnonymousPrincipal()) { Refusal = new Status(code, message) };

    private static string? Bearer(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    /// <summary>What was found out about a caller.</summary>
    /// <param name="Over">Cancelled when what it showed is not good any more: its call ends then.</param>
    private readonly record struct Caller(Principal Principal, CancellationToken Over = default)
    {
        /// <summary>Why it may not call; null if it may.</summary>
        public Status? Refusal { get; init; }
    }
}
