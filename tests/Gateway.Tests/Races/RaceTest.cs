using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>
/// A race of two things that may happen in either order or in the middle of each other. Each pair has a class here, and
/// each order a test that forces it: one side is held at a sync point while the other runs to its end.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal abstract class RaceTest
{
    protected RaceGateway Gateway { get; private set; } = null!;

    [SetUp]
    public async Task StartGatewayAsync() => Gateway = await RaceGateway.StartAsync();

    [TearDown]
    public async Task StopGatewayAsync() => await Gateway.DisposeAsync();

    /// <summary>A session without a supervisor behind it.</summary>
    protected SupervisorSession Register(int epoch = 1)
    {
        var session = new SupervisorSession("a", "boot-1", epoch, "1", []);
        Assert.That(Gateway.Sessions.Register(session).Rejection, Is.Null);
        return session;
    }

    protected static string SentTo(SupervisorSession session)
    {
        Assert.That(session.Commands.TryRead(out var command), Is.True, "RelayOpen was sent");
        return ((OpenRelayCommand)command!).ChannelId;
    }

    protected static async Task<Failure> FailureAsync(Task<Outcome<RelayConnection>> opening)
    {
        Assert.That((await Eventually.EndsAsync(opening, "the open")).Succeeded(out _, out var failure), Is.False);
        return failure!;
    }

    protected static async Task<RelayConnection> RelayAsync(Task<Outcome<RelayConnection>> opening)
    {
        Assert.That((await Eventually.EndsAsync(opening, "the open")).Succeeded(out var relay, out var failure), Is.True, failure?.Message);
        return relay!;
    }

    protected void AssertNoSlotIsTaken() =>
        Assert.That((Gateway.Relays.PendingCount, Gateway.Relays.ActiveCount), Is.EqualTo((0, 0)), "pending and active slots");
}
