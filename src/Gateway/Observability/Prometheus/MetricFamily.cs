using System.Diagnostics.Metrics;

namespace OpenShell.Gateway.Observability.Prometheus;

/// <summary>One instrument with all its series. Thread-safe.</summary>
internal sealed class MetricFamily(Instrument instrument)
{
    // More can only be a mistake; what comes on top is added up under one label, so that memory stays bounded.
    private const int MaxSeries = 200;
    private const string Overflow = "overflow=\"true\"";

    private static readonly double[] DefaultBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, MetricSeries> _series = new(StringComparer.Ordinal);
    private readonly double[] _boundaries = Boundaries(instrument);

    public string Name { get; } = MetricNames.Name(instrument);

    public MetricKind Kind { get; } = MetricNames.Kind(instrument);

    /// <summary>Takes a measurement in.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        lock (_lock)
        {
            if (!_series.TryGetValue(labels, out var series))
            {
                labels = _series.Count < MaxSeries ? labels : Overflow;
                if (!_series.TryGetValue(labels, out series))
                {
                    _series.Add(labels, series = new MetricSeries(_boundaries));
                }
            }

            if (Kind == MetricKind.Histogram)
            {
                series.Record(value);
            }
            else if (instrument.IsObservable || IsGauge(instrument))
            {
                series.Value = value;
            }
            else
            {
                series.Value += value;
            }
        }
    }

    /// <summary>Before an observable instrument is asked: what it does not report any more is gone.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            if (instrument.IsObservable)
            {
                _series.Clear();
            }
        }
    }

    public void Write(TextWriter output)
    {
        PrometheusText.WriteHeader(output, Name, instrument.Description, Kind);
        lock (_lock)
        {
            foreach (var (labels, series) in _series)
            {
                if (Kind == MetricKind.Histogram)
                {
                    PrometheusText.WriteHistogram(output, Name, labels, series);
                }
                else
                {
                    PrometheusText.WriteSample(output, Name, labels, series.Value);
                }
            }
        }
    }

    private static bool IsGauge(Instrument instrument) =>
        instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Gauge<>);

    private static double[] Boundaries(Instrument instrument) => instrument switch
    {
        Histogram<double> histogram => [.. histogram.Advice?.HistogramBucketBoundaries ?? DefaultBoundaries],
        Histogram<long> { Advice.HistogramBucketBoundaries: { } bounds } => [.. bounds.Select(b => (double)b)],
        _ when MetricNames.Kind(instrument) == MetricKind.Histogram => DefaultBoundaries,
        _ => [],
    };
}
