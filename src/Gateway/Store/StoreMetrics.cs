using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Store;

/// <summary>Counts and times of the store's transactions; docs/metrics.md.</summary>
internal static class StoreMetrics
{
    private static readonly Counter<long> Commits = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.store.commits", "{transaction}", "Transactions that were committed");

    private static readonly Counter<long> Failures = GatewayTelemetry.Meter.CreateCounter<long>(
        "openshell.store.failures", "{operation}", "Operations that failed because the database did");

    private static readonly Histogram<long> BatchSize = GatewayTelemetry.Meter.CreateHistogram(
        "openshell.store.batch.size", "{operation}", "Operations per transaction", null,
        new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] });

    private static readonly Histogram<double> CommitDuration = GatewayTelemetry.Durations(
        "openshell.store.commit.duration",
        "Time of a transaction, from its begin until it is on its way to the disk",
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]);

    /// <summary>When a transaction begins: disks do not run on a test's time.</summary>
    public static long Begin() => Stopwatch.GetTimestamp();

    public static void Committed(long begun, int operations)
    {
        Commits.Add(1);
        BatchSize.Record(operations);
        CommitDuration.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    public static void Failed(int operations) => Failures.Add(operations);
}
