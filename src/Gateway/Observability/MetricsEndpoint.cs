using OpenShell.Gateway.Auth;

namespace OpenShell.Gateway.Observability;

/// <summary>/metrics, on its own listener only: nobody has to show a token there.</summary>
internal static class MetricsEndpoint
{
    public const string Path = "/metrics";

    public static void MapMetrics(this WebApplication app) => app.MapPrometheusScrapingEndpoint(Path).Add(static endpoint =>
    {
        var page = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context =>
        {
            if (context.Features.Get<ListenerFeature>()?.Kind == ListenerKind.Metrics)
            {
                return page(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        };
    });
}
