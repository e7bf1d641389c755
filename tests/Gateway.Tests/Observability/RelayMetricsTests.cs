using OpenShell.Gateway.Hosting;
using OpenShell.Gateway.Observability.Prometheus;
using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Telemetry;
using OpenShell.Gateway.Watch;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Observability;

/// <summary>What the broker counts. Instruments are the process's, so every test listens anew.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RelayMetricsTests : IDisposable
{
    private readonly PrometheusCollector _collector;
    private readonly SessionRegistry _sessions;
    private readonly ManualTimeProvider _time = new();

    public RelayMetricsTests()
    {
        FeatureMetrics.Declare();
        _collector = new PrometheusCollector(GatewayTelemetry.Name);
        _sessions = new SessionRegistry(_time);
    }

    public void Dispose() => _collector.Dispose();

    [Test]
    public async Task Open_NoSession_IsRefusedForThat()
    {
        await OpenAsync(new RelayOptions(), CancellationToken.None);
        Expect("openshell_relays_refused_total{reason=\"no_session\"}");
    }

    [Test]
    public async Task Open_LimitReached_IsRefusedForThat()
    {
        Connect();
        await OpenAsync(new RelayOptions { MaxPending = 0 }, CancellationToken.None);
        Expect("openshell_relays_refused_total{reason=\"limit\"}");
    }

    [Test]
    public async Task Open_NotClaimed_TimedOut()
    {
        Connect();
        var opening = OpenAsync(new RelayOptions(), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(11));
        await opening;
        Expect("openshell_relays_timed_out_total");
    }

    [Test]
    public async Task Open_CallerGoes_Abandoned()
    {
        Connect();
        using var gone = new CancellationTokenSource();
        var opening = OpenAsync(new RelayOptions(), gone.Token);
        await gone.CancelAsync();
        await Assert.ThatAsync(() => opening, Throws.InstanceOf<OperationCanceledException>());
        Expect("openshell_relays_abandoned_total");
    }

    private void Connect() => _sessions.Register(new SupervisorSession("box", "boot", 1, "1", []));

    private Task OpenAsync(RelayOptions options, CancellationToken cancellationToken) =>
        new RelayBroker(_sessions, new RelayTable(options, _time), options, _time, new SandboxJournal(new SandboxEventHub(), _time))
            .OpenAsync("box", new ExecTarget(), "test", TimeSpan.Zero, cancellationToken);

    private void Expect(string sample)
    {
        var page = MetricsPage.Parse(_collector.Collect());
        Assert.That(page.Value("openshell_relays_opened_total{target=\"exec\"}"), Is.EqualTo(1));
        var ends = page.Samples.Where(s => s.Key.StartsWith("openshell_relays_", StringComparison.Ordinal)
            && !s.Key.Contains("opened", StringComparison.Ordinal)
            && !s.Key.Contains("pending", StringComparison.Ordinal)
            && !s.Key.Contains("active", StringComparison.Ordinal));
        Assert.That(ends, Is.EqualTo(new[] { KeyValuePair.Create(sample, 1.0) }));
    }
}
