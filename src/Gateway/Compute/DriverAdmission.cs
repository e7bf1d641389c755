using OpenShell.Gateway.Configuration;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Compute;

/// <summary>Asks the driver, once it is up, whether we can work together. If not the gateway ends: nothing would work.</summary>
internal sealed class DriverAdmission(
    DriverClient client, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DriverAdmission> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private string? _refusal;

    /// <summary>Why we cannot; null if we can, or do not know yet.</summary>
    public string? Refusal => Volatile.Read(ref _refusal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await lifetime.HasStartedAsync(stoppingToken))
        {
            return;
        }

        while (!(await client.AgreeAsync(stoppingToken)).Succeeded(out _, out var failure))
        {
            if (failure.Kind == FailureKind.FailedPrecondition)
            {
                Volatile.Write(ref _refusal, failure.Message);
                DriverLog.Refused(logger, failure.Message);
                lifetime.StopApplication();
                return;
            }

            await Task.Delay(Interval, time, stoppingToken);
        }
    }
}
