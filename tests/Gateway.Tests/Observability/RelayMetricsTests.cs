using OpenShell.Gateway.Relays;
using OpenShell.Gateway.Sessions;
using OpenShell.Gateway.Watch;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Observability;

/// <summary>What the broker counts. Instruments are the process's, so every test listens anew.</summary>
[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RelayMetricsTests : IDisposable
{
    private readonly RecordedMetrics _metrics = new();
    private readonly SessionRegistry _sessions;
    private readonly ManualTimeProvider _time = new();

    public RelayMetricsTests()
    {
        _sessions = new SessionRegistry(_time);
    }

    public void Dispose() => _metrics.Dispose();

    [Test]
    public async Task Open_NoSession_IsRefusedForThat()
    {
        await OpenAsync(new RelayOptions(), CancellationToken.None);
        Expect("openshell.relays.refused{reason=no_session}");
    }

    [Test]
    public async Task Open_LimitReached_IsRefusedForThat()
    {
        Connect();
        await OpenAsync(new RelayOptions { MaxPending = 0 }, CancellationToken.None);
        Expect("openshell.relays.refused{reason=limit}");
    }

    [Test]
    public async Task Open_NotClaimed_TimedOut()
    {
        Connect();
        var opening = OpenAsync(new RelayOptions(), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(11));
        await opening;
        Expect("openshell.relays.timed_out");
    }

    [Test]
    public async Task Open_CallerGoes_Abandoned()
    {
        Connect();
        using var gone = new CancellationTokenSource();
        var opening = OpenAsync(new RelayOptions(), gone.Token);
        await gone.CancelAsync();
        await Assert.ThatAsync(() => opening, Throws.InstanceOf<OperationCanceledException>());
        Expect("openshell.relays.abandoned");
    }

    private void Connect() => _sessions.Register(new SupervisorSession("box", "boot", 1, "1", []));

    private Task OpenAsync(RelayOptions options, CancellationToken cancellationToken) =>
        new RelayBroker(_sessions, new RelayTable(options, _time), options, _time, new SandboxJournal(new SandboxEventHub(TimeProvider.System), _time))
            .OpenAsync("box", new ExecTarget(), "test", TimeSpan.Zero, cancellationToken);

    private void Expect(string end)
    {
        var sums = _metrics.Sums.Where(sum => sum.Key.StartsWith("openshell.relays.", StringComparison.Ordinal));
        Assert.That(sums, Is.EquivalentTo(new Dictionary<string, double> { ["openshell.relays.opened{target=exec}"] = 1, [end] = 1 }));
    }
}
