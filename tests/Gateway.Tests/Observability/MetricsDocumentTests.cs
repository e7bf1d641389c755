using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Telemetry;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Observability;

/// <summary>docs/metrics.md against the instruments; their names in Prometheus are compared with a real page in MetricsTests.</summary>
[TestFixture]
internal sealed partial class MetricsDocumentTests
{
    [Test]
    public void Document_Rows_AreTheInstruments()
    {
        var instruments = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == GatewayTelemetry.Name)
            {
                instruments.Add($"{instrument.Name} {Kind(instrument)} {instrument.Unit}");
            }
        };
        listener.Start();
        FeatureMetrics.Declare();
        _ = new LiveGauges(new SessionRegistry(TimeProvider.System), new RelayTable(new RelayOptions(), TimeProvider.System), new ConnectionRegistry(new ConnectionOptions(), new DescriptorBudget(1, 0), TimeProvider.System));

        var documented = File.ReadLines(Path.Combine(TestPaths.Root, "docs", "metrics.md"))
            .Select(line => Row().Match(line))
            .Where(row => row.Success)
            .Select(row => $"{row.Groups[1]} {row.Groups[3]} {row.Groups[4]}")
            .ToList();

        Assert.That(documented, Is.Unique);
        Assert.That(documented, Is.EquivalentTo(instruments));
    }

    private static string Kind(Instrument instrument) => instrument.GetType().Name switch
    {
        var name when name.Contains("UpDownCounter", StringComparison.Ordinal) => "gauge",
        var name when name.Contains("Counter", StringComparison.Ordinal) => "counter",
        var name when name.Contains("Histogram", StringComparison.Ordinal) => "histogram",
        _ => "gauge",
    };

    [GeneratedRegex(@"^\| `(openshell\.[a-z_.]+)` \| `([a-z_]+)` \| (\w+) \| `([^`]+)` \|")]
    private static partial Regex Row();
}
