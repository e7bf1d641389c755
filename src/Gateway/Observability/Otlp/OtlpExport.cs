using OpenShell.Gateway.Telemetry;
using OpenShell.Linux.Programs;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace OpenShell.Gateway.Observability.Otlp;

/// <summary>Sends metrics and traces to a collector, through OpenTelemetry's own library. Only made if that is wanted.</summary>
internal sealed class OtlpExport(OtlpSignals signals) : IHostedService
{
    // A collector that does not answer must not hold the end of the gateway up.
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private MeterProvider? _metrics;
    private TracerProvider? _traces;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The last one wins: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES over our own name.
        var resource = ResourceBuilder.CreateEmpty()
            .AddService("openshell-gateway", serviceVersion: ProgramVersion.Text)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        if (signals.Metrics)
        {
            _metrics = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(GatewayTelemetry.Meters)
                .AddOtlpExporter()
                .Build();
        }

        if (signals.Traces)
        {
            _traces = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                // The second one has a span per request, which ours are children of.
                .AddSource(GatewayTelemetry.Name, "Microsoft.AspNetCore")
                .AddOtlpExporter()
                .Build();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _metrics?.Shutdown((int)FlushTimeout.TotalMilliseconds);
        _traces?.Shutdown((int)FlushTimeout.TotalMilliseconds);
        _metrics?.Dispose();
        _traces?.Dispose();
        return Task.CompletedTask;
    }
}
