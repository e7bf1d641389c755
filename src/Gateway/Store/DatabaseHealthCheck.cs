using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenShell.Gateway.Store;

/// <summary>Whether the database answers, for probes of every kind.</summary>
internal sealed class DatabaseHealthCheck(IObjectStore store, TimeProvider time) : IHealthCheck
{
    /// <summary>Key of the time that the answer took, in milliseconds, in the result's data.</summary>
    public const string Latency = "latency_ms";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var started = time.GetTimestamp();
        try
        {
            await store.PingAsync(cancellationToken).WaitAsync(Timeout, time, cancellationToken);
            return new HealthCheckResult(HealthStatus.Healthy, data: Data());
        }
        catch (StoreUnavailableException)
        {
            return HealthCheckResult.Unhealthy("database unavailable", data: Data());
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Unhealthy("database health check timed out", data: Data());
        }

        Dictionary<string, object> Data() => new() { [Latency] = time.GetElapsedTime(started).TotalMilliseconds };
    }
}
