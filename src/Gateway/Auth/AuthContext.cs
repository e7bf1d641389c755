using Grpc.Core;

namespace OpenShell.Gateway.Auth;

/// <summary>The caller of a request, once <see cref="AuthMiddleware"/> has let it in.</summary>
internal static class AuthContext
{
    private static readonly object Key = new();

    public static Principal GetPrincipal(this HttpContext context) =>
        context.Items.TryGetValue(Key, out var value) && value is Principal principal ? principal : new AnonymousPrincipal();

    public static Principal GetPrincipal(this ServerCallContext context) => context.GetHttpContext().GetPrincipal();

    public static void SetPrincipal(this HttpContext context, Principal principal) => context.Items[Key] = principal;
}
