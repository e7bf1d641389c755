using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using OpenShell.Gateway.Connections;
using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Observability.Prometheus;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Telemetry;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Observability;

/// <summary>docs/metrics.md against the instruments.</summary>
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
                instruments.Add($"{instrument.Name} {MetricNames.Name(instrument)} {MetricNames.Kind(instrument)} {instrument.Unit}".ToLowerInvariant());
            }
        };
        listener.Start();
        FeatureMetrics.Declare();
        _ = new LiveGauges(new SessionRegistry(TimeProvider.System), new RelayTable(new RelayOptions(), TimeProvider.System), new ConnectionRegistry(new ConnectionOptions(), new DescriptorBudget(1, 0), TimeProvider.System));

        var documented = File.ReadLines(Path.Combine(TestPaths.Root, "docs", "metrics.md"))
            .Select(line => Row().Match(line))
            .Where(row => row.Success)
            .Select(row => $"{row.Groups[1]} {row.Groups[2]} {row.Groups[3]} {row.Groups[4]}".ToLowerInvariant())
            .ToList();

        Assert.That(documented, Is.Unique);
        Assert.That(documented, Is.EquivalentTo(instruments));
    }

    [GeneratedRegex(@"^\| `(openshell\.[a-z_.]+)` \| `([a-z_]+)` \| (\w+) \| `([^`]+)` \|")]
    private static partial Regex Row();
}
