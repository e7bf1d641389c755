using System.Diagnostics.Metrics;

namespace OpenShell.Gateway.Observability.Prometheus;

/// <summary>What an instrument is called in the text format, by OpenTelemetry's rules for Prometheus.</summary>
internal static class MetricNames
{
    /// <summary>The type that an instrument has in the text format.</summary>
    public static MetricKind Kind(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        return definition switch
        {
            _ when definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>) => MetricKind.Counter,
            _ when definition == typeof(Histogram<>) => MetricKind.Histogram,
            _ => MetricKind.Gauge,
        };
    }

    /// <summary>The name with its unit, and with _total for counters.</summary>
    public static string Name(Instrument instrument)
    {
        var name = Identifier(instrument.Name);
        var unit = Unit(instrument.Unit);
        if (unit.Length > 0 && !name.EndsWith(unit, StringComparison.Ordinal))
        {
            name += unit;
        }

        return Kind(instrument) == MetricKind.Counter ? name + "_total" : name;
    }

    /// <summary>With underscores for what may not be in a name.</summary>
    public static string Identifier(string text)
    {
        var name = string.Create(text.Length, text, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterOrDigit(text[i]) ? text[i] : '_';
            }
        });
        return name.Length > 0 && char.IsAsciiDigit(name[0]) ? "_" + name : name;
    }

    // A unit in braces is a remark, not a unit.
    private static string Unit(string? unit) => unit switch
    {
        "s" => "_seconds",
        "By" => "_bytes",
        null or "" or "1" or ['{', ..] => "",
        _ => "_" + Identifier(unit),
    };
}
