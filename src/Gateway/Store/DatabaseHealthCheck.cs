using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace OpenShell.Gateway.Store;

/// <summary>Whether the database answers, for probes of every kind.</summary>
internal sealed class DatabaseHealthCheck(IObjectStore store, TimeProvider time, ILogger<DatabaseHealthCheck> logger) : IHealthCheck
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
            return Unhealthy("database unavailable");
        }
        catch (TimeoutException)
        {
            return Unhealthy("database health check timed out");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A probe shows no token: it gets a sentence of ours, and the log has the rest.
            StoreLog.HealthCheckFailed(logger, e);
            return Unhealthy("database health check failed");
        }

        HealthCheckResult Unhealthy(string reason) => HealthCheckResult.Unhealthy(reason, data: Data());

        Dictionary<string, object> Data() => new() { [Latency] = time.GetElapsedTime(started).TotalMilliseconds };
    }
}
