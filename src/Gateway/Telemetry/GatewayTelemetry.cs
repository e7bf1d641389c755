using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenShell.Linux.Programs;

namespace OpenShell.Gateway.Telemetry;

/// <summary>
/// The one meter and the one activity source of this process. What is counted is declared beside what counts it, in
/// <c>&lt;Feature&gt;Metrics.cs</c>, as log messages are. Without a listener a count costs a few nanoseconds.
/// </summary>
internal static class GatewayTelemetry
{
    public const string Name = "OpenShell.Gateway";

    public static readonly Meter Meter = new(Name, ProgramVersion.Text);

    public static readonly ActivitySource Activities = new(Name, ProgramVersion.Text);

    /// <summary>A histogram of durations in seconds.</summary>
    /// <param name="boundaries">Upper bounds of the buckets, in seconds.</param>
    public static Histogram<double> Durations(string name, string description, double[] boundaries) =>
        Meter.CreateHistogram(name, "s", description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });
}
