using OpenShell.Gateway.Auth;

namespace OpenShell.Gateway.Observability.Prometheus;

/// <summary>/metrics, on its own listener only: nobody has to show a token there.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapGet(Path, ServeAsync);

    private static Task ServeAsync(HttpContext context)
    {
        if (context.Features.Get<ListenerFeature>()?.Kind != ListenerKind.Metrics)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        context.Response.ContentType = PrometheusText.ContentType;
        var page = context.RequestServices.GetRequiredService<PrometheusCollector>().Collect();
        return context.Response.WriteAsync(page, context.RequestAborted);
    }
}
