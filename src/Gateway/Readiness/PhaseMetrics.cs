using System.Diagnostics.Metrics;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Readiness;

/// <summary>Counts and times of phases; docs/metrics.md.</summary>
internal static class PhaseMetrics
{
    private static readonly double[] Boundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 14400, 86400];

    private static readonly Counter<long> Transitions = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.sandboxes.transitions", "{transition}", "Changes of phase");

    private static readonly Histogram<double> CreateToReady = GatewayTelemetry.Durations(
        "openshell.sandboxes.create_to_ready.duration", "Time from the creation of a sandbox until it is Ready for the first time", Boundaries);

    private static readonly Histogram<double> TimeInPhase = GatewayTelemetry.Durations(
        "openshell.sandboxes.phase.duration", "Time that a sandbox was in a phase, when it leaves it", Boundaries);

    public static void Changed(SandboxPhase from, SandboxPhase to) => Transitions.Add(1, Labels.Of("from", from), Labels.Of("to", to));

    public static void Left(SandboxPhase phase, TimeSpan after) => TimeInPhase.Record(after.TotalSeconds, Labels.Of("phase", phase));

    public static void ReadyAfter(TimeSpan elapsed) => CreateToReady.Record(elapsed.TotalSeconds);
}
