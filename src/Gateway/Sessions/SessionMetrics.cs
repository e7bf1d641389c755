using System.Diagnostics.Metrics;
using OpenShell.Gateway.Telemetry;
using OpenShell.Protocol.Outcomes;

namespace OpenShell.Gateway.Sessions;

/// <summary>Counts of supervisor sessions; docs/metrics.md.</summary>
internal static class SessionMetrics
{
    private static readonly Counter<long> ConnectedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.sessions.connected", "{session}", "Sessions that were accepted");

    private static readonly Counter<long> SupersededCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.sessions.superseded", "{session}", "Sessions whose place a newer one of the same sandbox took");

    private static readonly Counter<long> RejectedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.sessions.rejected", "{session}", "Hellos that were refused");

    private static readonly Counter<long> EndedCount = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.sessions.ended", "{session}", "Accepted sessions that are over");

    public static void Connected(bool superseding)
    {
        ConnectedCount.Add(1);
        SupersededCount.Add(superseding ? 1 : 0);
    }

    public static void Rejected(FailureKind kind) => RejectedCount.Add(1, Labels.Of("reason", kind));

    public static void Ended(SessionEnd reason) => EndedCount.Add(1, Labels.Of("reason", reason));
}
