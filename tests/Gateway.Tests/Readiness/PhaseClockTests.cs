using OpenShell.Gateway.Observability;
using OpenShell.Gateway.Sandboxes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Readiness;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class PhaseClockTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly RecordedMetrics _metrics = new();
    private readonly PhaseClock _clock;

    public PhaseClockTests() => _clock = new PhaseClock(_time);

    public void Dispose() => _metrics.Dispose();

    [Test]
    public void Changed_NewSandboxBecomesReadyAndStops_TimesAreThoseOfItsPhases()
    {
        var created = Record(SandboxPhase.Provisioning);
        _time.Advance(TimeSpan.FromSeconds(2));
        _clock.Changed(created, created with { Phase = SandboxPhase.Ready });
        _time.Advance(TimeSpan.FromSeconds(40));
        _clock.Changed(created with { Phase = SandboxPhase.Ready }, created with { Phase = SandboxPhase.Stopping });

        Assert.That(_metrics["openshell.sandboxes.transitions{from=provisioning,to=ready}"], Is.EqualTo(1));
        Assert.That(_metrics["openshell.sandboxes.create_to_ready.duration"], Is.EqualTo(2));
        Assert.That(_metrics["openshell.sandboxes.phase.duration{phase=provisioning}"], Is.EqualTo(2));
        Assert.That(_metrics["openshell.sandboxes.phase.duration{phase=ready}"], Is.EqualTo(40));
    }

    [Test]
    public void Changed_SamePhase_NothingIsCounted()
    {
        var record = Record(SandboxPhase.Ready);
        _clock.Changed(record, record with { ExitCode = 0 });
        Assert.That(_metrics.Sums.Keys, Has.None.StartsWith("openshell.sandboxes"));
    }

    [Test]
    public void Changed_BackAfterALostSession_IsNoFirstReady()
    {
        var lost = Record(SandboxPhase.Provisioning) with { MainProcessStarted = _time.GetUtcNow() };
        _clock.Changed(lost, lost with { Phase = SandboxPhase.Ready });
        Assert.That(_metrics.Sums.Keys, Has.None.EqualTo("openshell.sandboxes.create_to_ready.duration"));
        Assert.That(_metrics["openshell.sandboxes.transitions{from=provisioning,to=ready}"], Is.EqualTo(1));
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
