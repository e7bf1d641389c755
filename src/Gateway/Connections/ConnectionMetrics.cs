using System.Diagnostics.Metrics;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Connections;

/// <summary>Counts of connections and of what was refused to them; docs/metrics.md.</summary>
internal static class ConnectionMetrics
{
    private static readonly Counter<long> AcceptedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.connections.accepted", "{connection}", "Connections that were taken");

    private static readonly Counter<long> EndedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.connections.ended", "{connection}", "Connections that the gateway ended because of a limit");

    private static readonly Counter<long> RefusedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.calls.refused", "{call}", "Calls that were refused because of a limit");

    public static void Accepted(ListenerKind kind) => AcceptedCount.Add(1, Labels.Of("listener", kind));

    public static void Ended(PeerEnd reason) => EndedCount.Add(1, Labels.Of("reason", reason));

    public static void Refused(CallLimit limit) => RefusedCount.Add(1, Labels.Of("limit", limit));
}
