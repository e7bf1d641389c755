namespace OpenShell.Gateway.Observability.Prometheus;

/// <summary>One line, or one histogram, of a metric: its value for one set of labels. Guarded by its family's lock.</summary>
/// <param name="boundaries">Upper bounds of the buckets; empty if it is no histogram.</param>
internal sealed class MetricSeries(double[] boundaries)
{
    private readonly long[] _buckets = new long[boundaries.Length];

    /// <summary>The value, or the sum of a histogram.</summary>
    public double Value { get; set; }

    /// <summary>Values that a histogram has seen.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them were not above each bound.</summary>
    public IEnumerable<(double Bound, long Count)> Buckets
    {
        get
        {
            var total = 0L;
            for (var i = 0; i < boundaries.Length; i++)
            {
                total += _buckets[i];
                yield return (boundaries[i], total);
            }
        }
    }

    public void Record(double value)
    {
        Value += value;
        Count++;
        var at = Array.BinarySearch(boundaries, value);
        at = at < 0 ? ~at : at;
        if (at < _buckets.Length)
        {
            _buckets[at]++;
        }
    }
}
