using System.Runtime.CompilerServices;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Observability.Otlp;
using OpenShell.Gateway.Observability.Prometheus;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Observability;

/// <summary>Who listens to what is counted: as many as are asked for, by default nobody.</summary>
internal static class ObservabilityServices
{
    public static IServiceCollection AddObservability(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton<LiveGauges>();
        if (options.MetricsPort is not null)
        {
            services.AddSingleton(_ => new PrometheusCollector(GatewayTelemetry.Meters));
        }

        if (options.Otlp != default)
        {
            AddOtlp(services, options.Otlp);
        }

        return services;
    }

    /// <summary>Begins to listen. Before the first event, so that nothing is missed.</summary>
    public static void StartObservability(this WebApplication app)
    {
        _ = app.Services.GetRequiredService<LiveGauges>();
        if (app.Services.GetService<PrometheusCollector>() is not null)
        {
            app.MapMetrics();
        }
    }

    // Not inlined: a gateway that exports nothing does not load the library.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddOtlp(IServiceCollection services, OtlpSignals signals) =>
        services.AddHostedService(_ => new OtlpExport(signals));
}
