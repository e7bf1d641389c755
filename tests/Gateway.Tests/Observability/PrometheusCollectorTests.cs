using System.Diagnostics.Metrics;
using OpenShell.Gateway.Observability.Prometheus;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Observability;

/// <summary>The text format, on a meter of the test's own.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PrometheusCollectorTests : IDisposable
{
    private readonly Meter _meter;
    private readonly PrometheusCollector _collector;

    public PrometheusCollectorTests()
    {
        var name = $"test.{Guid.NewGuid()}";
        _meter = new Meter(name);
        _collector = new PrometheusCollector(name);
    }

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    [Test]
    public void Collect_Counter_HasTotalAndAddsUpByLabels()
    {
        var counter = _meter.CreateCounter<long>("a.thing.done", "{thing}", "Things that were done");
        counter.Add(1, new("how", "well"), new("by", "me"));
        counter.Add(2, new("by", "me"), new KeyValuePair<string, object?>("how", "well"));
        counter.Add(5, new KeyValuePair<string, object?>("by", "you"));

        Assert.That(_collector.Collect(), Is.EqualTo("""
            # HELP a_thing_done_total Things that were done
            # TYPE a_thing_done_total counter
            a_thing_done_total{by="me",how="well"} 3
            a_thing_done_total{by="you"} 5

            """));
    }

    [Test]
    public void Collect_Histogram_HasCumulativeBucketsSumAndCount()
    {
        var histogram = _meter.CreateHistogram(
            "wait", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 10] });
        histogram.Record(0.25);
        histogram.Record(1);
        histogram.Record(2.5);
        histogram.Record(100);

        Assert.That(_collector.Collect(), Is.EqualTo("""
            # TYPE wait_seconds histogram
            wait_seconds_bucket{le="0.5"} 1
            wait_seconds_bucket{le="1"} 2
            wait_seconds_bucket{le="10"} 3
            wait_seconds_bucket{le="+Inf"} 4
            wait_seconds_sum 103.75
            wait_seconds_count 4

            """));
    }

    [Test]
    public void Collect_ObservableUpDownCounter_IsAGaugeOfWhatItSaysNow()
    {
        var live = 3;
        _meter.CreateObservableUpDownCounter("live", () => live, "{session}");
        Assert.That(_collector.Collect(), Does.Contain("# TYPE live gauge\nlive 3\n"));
        live = 0;
        Assert.That(_collector.Collect(), Does.Contain("live 0\n"));
    }

    [Test]
    public void Collect_UpDownCounterAndGauge_AddAndReplace()
    {
        var upDown = _meter.CreateUpDownCounter<int>("up.down");
        var gauge = _meter.CreateGauge<double>("gauge");
        upDown.Add(3);
        upDown.Add(-1);
        gauge.Record(3);
        gauge.Record(1.5);
        var page = MetricsPage.Parse(_collector.Collect());
        Assert.That((page.Value("up_down"), page.Value("gauge")), Is.EqualTo((2, 1.5)));
    }

    [Test]
    public void Collect_OddLabelsAndHelp_AreEscaped()
    {
        var counter = _meter.CreateCounter<long>("odd-name", "By", "one\\two\nthree");
        counter.Add(1, new KeyValuePair<string, object?>("a.b", "q\"b\\n\n"));
        var text = _collector.Collect();
        Assert.That(text, Does.Contain("# HELP odd_name_bytes_total one\\\\two\\nthree\n"));
        Assert.That(text, Does.Contain("odd_name_bytes_total{a_b=\"q\\\"b\\\\n\\n\"} 1\n"));
        Assert.That(MetricsPage.Parse(text).Types, Is.EqualTo(new Dictionary<string, string> { ["odd_name_bytes_total"] = "counter" }));
    }

    [Test]
    public void Collect_TooManyLabels_RestIsOneSeries()
    {
        var counter = _meter.CreateCounter<long>("many");
        for (var i = 0; i < 1000; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("id", i));
        }

        var page = MetricsPage.Parse(_collector.Collect());
        Assert.That(page.Samples, Has.Count.EqualTo(201));
        Assert.That(page.Value("many_total{overflow=\"true\"}"), Is.EqualTo(800));
    }

    [Test]
    public void Collect_InstrumentWithoutMeasurement_IsDeclared()
    {
        _meter.CreateCounter<long>("nothing.yet");
        Assert.That(_collector.Collect(), Is.EqualTo("# TYPE nothing_yet_total counter\n"));
    }

    [Test]
    public void Collect_OtherMeter_IsNotThere()
    {
        using var other = new Meter("test.other");
        other.CreateCounter<long>("other").Add(1);
        Assert.That(_collector.Collect(), Is.Empty);
    }
}
