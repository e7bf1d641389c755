using OpenShell.Protocol;
using OpenShell.Supervisor.Gateway;
using OpenShell.Supervisor.Relays;

namespace OpenShell.Supervisor.Tests.Relays;

/// <summary>Which relays share a connection. Nothing is dialled: a connection is made by its first request.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class RelayConnectionsTests : IDisposable
{
    private readonly RelayConnections _connections;

    public RelayConnectionsTests()
    {
        Assert.That(DialEndpoint.TryParse("unix:/nowhere", out var endpoint, out _), Is.True);
        _connections = new RelayConnections(new GatewayDialer(endpoint!));
    }

    public void Dispose() => _connections.Dispose();

    [Test]
    public void Rent_FewRelays_HaveAConnectionEach()
    {
        var leases = Rent(4);

        Assert.That(leases.Select(l => l.Http).Distinct().Count(), Is.EqualTo(4));
    }

    [Test]
    public void Rent_ManyRelays_ShareFourEvenlyUntilTheyAreFull()
    {
        var leases = Rent(4 * RelayConnections.RelaysPerConnection);

        var shares = leases.GroupBy(l => l.Http).Select(g => g.Count()).ToArray();
        Assert.That(shares, Is.All.EqualTo(RelayConnections.RelaysPerConnection));
        Assert.That(shares, Has.Length.EqualTo(4));
        Assert.That(leases.Select(l => l.Http), Has.No.Member(_connections.Rent().Http), "a fifth for one more");
    }

    [Test]
    public void Rent_OneAfterAnother_UseTheSameConnection()
    {
        var first = _connections.Rent();
        first.Dispose();

        Assert.That(_connections.Rent().Http, Is.SameAs(first.Http));
    }

    [Test]
    public void TryShare_AnotherHasAPlace_MovesThere()
    {
        var leases = Rent(2);
        leases[0].MarkUp();

        Assert.That(leases[1].TryShare(), Is.True);
        Assert.That(leases[1].Http, Is.SameAs(leases[0].Http));
        leases[0].Dispose();
        leases[1].Dispose();
        Assert.That(_connections.Rent().Http, Is.SameAs(leases[0].Http), "the one that is kept");
    }

    [Test]
    public void TryShare_TheOtherRelayHasEndedMeanwhile_ItsConnectionIsStillThere()
    {
        var first = _connections.Rent();
        first.MarkUp();
        var second = _connections.Rent();
        first.Dispose();

        Assert.That(second.TryShare(), Is.True);
        Assert.That(second.Http, Is.SameAs(first.Http));
    }

    [Test]
    public void TryShare_NoneIsUp_IsRefused() => Assert.That(Rent(2)[1].TryShare(), Is.False);

    [Test]
    public void TryShare_NoOther_IsRefused()
    {
        var only = _connections.Rent();

        Assert.That(only.TryShare(), Is.False);
    }

    private RelayConnections.Lease[] Rent(int count) => [.. Enumerable.Range(0, count).Select(_ => _connections.Rent())];
}
