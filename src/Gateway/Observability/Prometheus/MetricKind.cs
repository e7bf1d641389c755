namespace OpenShell.Gateway.Observability.Prometheus;

/// <summary>Types of the text format.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
