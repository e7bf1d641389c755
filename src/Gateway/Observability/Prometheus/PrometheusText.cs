using System.Globalization;
using System.Text;

namespace OpenShell.Gateway.Observability.Prometheus;

/// <summary>The lines of Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Labels as they stand between the braces, sorted, so that equal sets are equal texts.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var labels = new List<string>(tags.Length);
        foreach (var (key, value) in tags)
        {
            var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            labels.Add($"{MetricNames.Identifier(key)}=\"{Escape(text, quotes: true)}\"");
        }

        labels.Sort(StringComparer.Ordinal);
        return string.Join(',', labels);
    }

    public static void WriteHeader(TextWriter output, string name, string? help, MetricKind kind)
    {
        if (!string.IsNullOrEmpty(help))
        {
            output.Write($"# HELP {name} {Escape(help, quotes: false)}\n");
        }

        var type = kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Histogram => "histogram",
            _ => "gauge",
        };
        output.Write($"# TYPE {name} {type}\n");
    }

    public static void WriteSample(TextWriter output, string name, string labels, double value)
    {
        output.Write(name);
        if (labels.Length > 0)
        {
            output.Write($"{{{labels}}}");
        }

        output.Write($" {Number(value)}\n");
    }

    public static void WriteHistogram(TextWriter output, string name, string labels, MetricSeries series)
    {
        var before = labels.Length > 0 ? labels + "," : "";
        foreach (var (bound, count) in series.Buckets)
        {
            WriteSample(output, name + "_bucket", $"{before}le=\"{Number(bound)}\"", count);
        }

        WriteSample(output, name + "_bucket", $"{before}le=\"+Inf\"", series.Count);
        WriteSample(output, name + "_sum", labels, series.Value);
        WriteSample(output, name + "_count", labels, series.Count);
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string text, bool quotes)
    {
        var escaped = new StringBuilder(text).Replace("\\", "\\\\").Replace("\n", "\\n");
        return (quotes ? escaped.Replace("\"", "\\\"") : escaped).ToString();
    }
}
