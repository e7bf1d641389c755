using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace OpenShell.Gateway.Observability;

/// <summary>Sends what is left when the gateway stops.</summary>
internal sealed class TelemetryFlush(IServiceProvider services) : IHostedService
{
    // A collector that does not answer must not hold the end of the gateway up; the library waits longer.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        services.GetService<MeterProvider>()?.Shutdown((int)Timeout.TotalMilliseconds);
        services.GetService<TracerProvider>()?.Shutdown((int)Timeout.TotalMilliseconds);
        return Task.CompletedTask;
    }
}
