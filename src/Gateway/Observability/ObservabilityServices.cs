using System.Runtime.CompilerServices;
using OpenShell.Gateway.Configuration;
using OpenShell.Gateway.Telemetry;
using OpenShell.Linux.Programs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OpenShell.Gateway.Observability;

/// <summary>Who listens to what is counted: a scraper, an OTLP collector, both, and by default nobody.</summary>
internal static class ObservabilityServices
{
    // More series of one instrument can only be a mistake; the library adds up under one label what comes on top.
    private const int MaxSeries = 200;

    public static IServiceCollection AddObservability(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton<LiveGauges>();
        if (options.MetricsPort is not null || options.Otlp != default)
        {
            AddOpenTelemetry(services, options.MetricsPort is not null, options.Otlp);
        }

        return services;
    }

    /// <summary>Begins to listen. Before the first event, so that nothing is missed.</summary>
    public static void StartObservability(this WebApplication app, GatewayOptions options)
    {
        _ = app.Services.GetRequiredService<LiveGauges>();
        if (options.MetricsPort is not null)
        {
            app.MapMetrics();
        }
    }

    // Not inlined: a gateway that exports nothing does not load the library.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddOpenTelemetry(IServiceCollection services, bool page, OtlpSignals signals)
    {
        // The last one wins: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES over our own name.
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource
            .Clear()
            .AddService("openshell-gateway", serviceVersion: ProgramVersion.Text)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector());
        if (page || signals.Metrics)
        {
            telemetry.WithMetrics(metrics => Export(metrics, page, signals.Metrics));
        }

        if (signals.Traces)
        {
            telemetry.WithTracing(traces => traces.AddSource(GatewayTelemetry.Name).AddAspNetCoreInstrumentation().AddOtlpExporter());
        }

        services.AddHostedService<TelemetryFlush>();
    }

    private static void Export(MeterProviderBuilder metrics, bool page, bool otlp)
    {
        metrics.AddMeter(GatewayTelemetry.Name)
            .AddRuntimeInstrumentation()
            .AddProcessInstrumentation()
            .AddAspNetCoreInstrumentation()
            .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MaxSeries });
        if (page)
        {
            // The page shows what is, not what was: somebody may look right after something happened.
            metrics.AddPrometheusExporter(exporter =>
            {
                exporter.ScrapeResponseCacheDurationMilliseconds = 0;
                // Two labels more on every line, which tell nothing that the name does not.
                exporter.ScopeInfoEnabled = false;
            });
        }

        if (otlp)
        {
            metrics.AddOtlpExporter();
        }
    }
}
