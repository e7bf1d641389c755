using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Observability.Prometheus;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Telemetry;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Readiness;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PhaseClockTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly PrometheusCollector _collector;
    private readonly PhaseClock _clock;

    public PhaseClockTests()
    {
        FeatureMetrics.Declare();
        _collector = new PrometheusCollector(GatewayTelemetry.Name);
        _clock = new PhaseClock(_time);
    }

    public void Dispose() => _collector.Dispose();

    [Test]
    public void Changed_NewSandboxBecomesReadyAndStops_TimesAreThoseOfItsPhases()
    {
        var created = Record(SandboxPhase.Provisioning);
        _time.Advance(TimeSpan.FromSeconds(2));
        _clock.Changed(created, created with { Phase = SandboxPhase.Ready });
        _time.Advance(TimeSpan.FromSeconds(40));
        _clock.Changed(created with { Phase = SandboxPhase.Ready }, created with { Phase = SandboxPhase.Stopping });

        var page = MetricsPage.Parse(_collector.Collect());
        Assert.That(page.Value("openshell_sandboxes_transitions_total{from=\"provisioning\",to=\"ready\"}"), Is.EqualTo(1));
        Assert.That(page.Value("openshell_sandboxes_create_to_ready_duration_seconds_sum"), Is.EqualTo(2));
        Assert.That(page.Value("openshell_sandboxes_phase_duration_seconds_sum{phase=\"provisioning\"}"), Is.EqualTo(2));
        Assert.That(page.Value("openshell_sandboxes_phase_duration_seconds_sum{phase=\"ready\"}"), Is.EqualTo(40));
    }

    [Test]
    public void Changed_SamePhase_NothingIsCounted()
    {
        var record = Record(SandboxPhase.Ready);
        _clock.Changed(record, record with { ExitCode = 0 });
        Assert.That(MetricsPage.Parse(_collector.Collect()).Samples.Keys, Has.None.StartsWith("openshell_sandboxes"));
    }

    [Test]
    public void Changed_BackAfterALostSession_IsNoFirstReady()
    {
        var lost = Record(SandboxPhase.Provisioning).WithReady(SandboxCondition.False, "DependenciesNotReady", "", _time.GetUtcNow());
        _clock.Changed(lost, lost with { Phase = SandboxPhase.Ready });
        var page = MetricsPage.Parse(_collector.Collect());
        Assert.That(page.Value("openshell_sandboxes_create_to_ready_duration_seconds_count"), Is.Zero);
        Assert.That(page.Value("openshell_sandboxes_transitions_total{from=\"provisioning\",to=\"ready\"}"), Is.EqualTo(1));
    }

    private SandboxRecord Record(SandboxPhase phase) => new()
    {
        Id = "box",
        Name = "box",
        Workspace = "default",
        Spec = default,
        Phase = phase,
        CreatedAt = _time.GetUtcNow(),
    };
}
