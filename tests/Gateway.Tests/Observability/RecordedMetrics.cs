using System.Diagnostics.Metrics;
using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Telemetry;

namespace OpenShell.Gateway.Observability;

/// <summary>What the gateway's instruments have counted since this was made, by name and labels: <c>name{label=value}</c>.</summary>
internal sealed class RecordedMetrics : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public RecordedMetrics()
    {
        FeatureMetrics.Declare();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == GatewayTelemetry.Name && !instrument.IsObservable)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Sums of counters and histograms.</summary>
    public IReadOnlyDictionary<string, double> Sums
    {
        get
        {
            lock (_lock)
            {
                return new SortedDictionary<string, double>(_sums, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>The sum of one, 0 if nothing was counted.</summary>
    public double this[string name] => Sums.GetValueOrDefault(name);

    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}").Order(StringComparer.Ordinal));
        var name = labels.Length > 0 ? $"{instrument.Name}{{{labels}}}" : instrument.Name;
        lock (_lock)
        {
            _sums[name] = _sums.GetValueOrDefault(name) + value;
        }
    }
}
