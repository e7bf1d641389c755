using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using OpenShell.Gateway.Compute;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Exec;
using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Store;

namespace OpenShell.Gateway.Observability;

/// <summary>
/// The one meter and the one activity source of this process. What is counted is declared beside what counts it, in
/// <c>&lt;Feature&gt;Metrics.cs</c>, as log messages are. Without a listener a count costs a few nanoseconds.
/// </summary>
internal static class GatewayTelemetry
{
    public const string Name = "OpenShell.Gateway";

    /// <summary>What is exported: ours, and the runtime's memory, collector and threads.</summary>
    public static readonly string[] Meters = [Name, "System.Runtime"];

    public static readonly Meter Meter = new(Name, GatewayVersion.Text);

    public static readonly ActivitySource Activities = new(Name, GatewayVersion.Text);

    private static readonly Type[] Features =
    [
        typeof(ConnectionMetrics), typeof(SessionMetrics), typeof(RelayMetrics), typeof(ExecMetrics), typeof(PhaseMetrics), typeof(StoreMetrics), typeof(ComputeMetrics),
    ];

    /// <summary>Makes every instrument known before its first event, so that an exporter shows all of them from the start.</summary>
    public static void Declare() => Array.ForEach(Features, feature => RuntimeHelpers.RunClassConstructor(feature.TypeHandle));

    /// <summary>A histogram of durations in seconds.</summary>
    /// <param name="name">Dotted name.</param>
    /// <param name="description">Help text.</param>
    /// <param name="boundaries">Upper bounds of the buckets, in seconds.</param>
    public static Histogram<double> Durations(string name, string description, double[] boundaries) =>
        Meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
}
