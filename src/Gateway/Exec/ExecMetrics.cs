using System.Diagnostics.Metrics;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Exec;

/// <summary>Counts of processes that were started through the gateway; docs/metrics.md.</summary>
internal static class ExecMetrics
{
    private static readonly Counter<long> StartedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.execs.started", "{exec}", "Commands that were sent to a sandbox");

    private static readonly Counter<long> EndedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.execs.ended", "{exec}", "Commands that are over");

    public static void Started() => StartedCount.Add(1);

    /// <summary>One is over.</summary>
    /// <param name="exited">It said how it ended; otherwise its caller or its sandbox went away.</param>
    public static void Ended(bool exited) => EndedCount.Add(1, Labels.Of("outcome", exited ? "exited" : "lost"));
}
