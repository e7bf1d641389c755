namespace OpenShell.Gateway.Configuration;

[TestFixture]
internal sealed class OtlpSignalsTests
{
    [TestCase("", false, false)]
    [TestCase("OTEL_SERVICE_NAME=x", false, false)]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT=", false, false)]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", true, true)]
    [TestCase("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4317", true, false)]
    [TestCase("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://c:4317", false, true)]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_TRACES_EXPORTER=none", true, false)]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_METRICS_EXPORTER=none", false, true)]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317 OTEL_SDK_DISABLED=true", false, false)]
    public void From_StandardVariables_SayWhatIsSent(string variables, bool metrics, bool traces)
    {
        var environment = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        Assert.That(OtlpSignals.From(n => environment.GetValueOrDefault(n)), Is.EqualTo(new OtlpSignals(metrics, traces)));
    }
}
