using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Hosting;

/// <summary>Whether the database answers.</summary>
/// <param name="Error">What is wrong; null if nothing.</param>
/// <param name="Latency">How long the answer took.</param>
internal readonly record struct DatabaseHealth(string? Error, TimeSpan Latency);

/// <summary>What probes ask for.</summary>
internal sealed class GatewayHealth(IObjectStore store, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public async Task<DatabaseHealth> CheckDatabaseAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            await store.PingAsync(cancellationToken).WaitAsync(Timeout, time, cancellationToken);
            return new DatabaseHealth(null, time.GetElapsedTime(started));
        }
        catch (StoreUnavailableException)
        {
            return new DatabaseHealth("database unavailable", time.GetElapsedTime(started));
        }
        catch (TimeoutException)
        {
            return new DatabaseHealth("database health check timed out", time.GetElapsedTime(started));
        }
    }
}
