using OpenShell.Gateway.Configuration;

namespace OpenShell.Gateway.Hosting;

/// <summary>Lets the shutdown end calls that would otherwise go on for ever.</summary>
internal sealed class ShutdownMiddleware(RequestDelegate next, GatewayShutdown shutdown)
{
    public async Task InvokeAsync(HttpContext context)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Stopping);
        context.RequestAborted = linked.Token;
        await next(context);
    }
}
