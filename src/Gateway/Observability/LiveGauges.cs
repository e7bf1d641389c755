using System.Diagnostics.Metrics;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Observability;

/// <summary>What is there right now, read when an exporter collects. One per process.</summary>
internal sealed class LiveGauges
{
    private readonly ObservableUpDownCounter<int>[] _gauges;

    public LiveGauges(SessionRegistry sessions, RelayTable relays, ConnectionRegistry connections)
    {
        var meter = GatewayTelemetry.Meter;
        _gauges =
        [
            meter.CreateObservableUpDownCounter("openshell.sessions.live", () => sessions.Count, "{session}", "Supervisor sessions that live"),
            meter.CreateObservableUpDownCounter("openshell.connections.anonymous", () => connections.AnonymousCount, "{connection}", "Connections that have not shown a token"),
            meter.CreateObservableUpDownCounter("openshell.connections.authenticated", () => connections.AuthenticatedCount, "{connection}", "Connections that have"),
            meter.CreateObservableUpDownCounter("openshell.relays.pending", () => relays.PendingCount, "{relay}", "Relays that were asked for and not claimed yet"),
            meter.CreateObservableUpDownCounter("openshell.relays.active", () => relays.ActiveCount, "{relay}", "Relays that were claimed and are not over"),
        ];
    }

    /// <summary>Names of the gauges.</summary>
    public IEnumerable<string> Names => _gauges.Select(g => g.Name);
}
