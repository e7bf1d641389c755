using System.Diagnostics.Metrics;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Compute;

/// <summary>Counts of the compute driver; docs/metrics.md.</summary>
internal static class DriverMetrics
{
    private static readonly Counter<long> Restarts = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.driver.restarts", "{restart}", "Driver processes that ended and had to be started again");

    public static void DriverRestarts() => Restarts.Add(1);
}
