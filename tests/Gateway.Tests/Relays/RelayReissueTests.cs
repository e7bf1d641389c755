using OpenShell.Gateway.Sessions;

namespace OpenShell.Gateway.Relays;

/// <summary>Relays that wait for their claim while one session takes the place of another.</summary>
public sealed class RelayReissueTests : RelayBrokerTest
{
    [Test]
    public async Task Reissue_NewerSession_GetsTheSameChannel()
    {
        var old = Register("a");
        var opening = Open("a");
        var channel = Sent(old).ChannelId;

        var replacement = Register("a");
        Broker.Reissue(replacement);

        Assert.That(Sent(replacement).ChannelId, Is.EqualTo(channel));
        await SucceedAsync(opening, Table.Claim(channel, "a"));
    }

    [Test]
    public async Task Reissue_OldSessionHadAlreadyGone_SendsItToo()
    {
        var old = Register("a");
        var opening = Open("a");
        var channel = Sent(old).ChannelId;
        old.End(SessionEnd.PeerGone);
        Sessions.RemoveIfCurrent(old);

        var replacement = Register("a");
        Broker.Reissue(replacement);

        Assert.That(Sent(replacement).ChannelId, Is.EqualTo(channel));
        await SucceedAsync(opening, Table.Claim(channel, "a"));
    }

    [Test]
    public async Task Reissue_ClaimedOrOthers_AreNotSent()
    {
        var (session, other) = (Register("a"), Register("b"));
        var (claimed, elsewhere) = (Open("a"), Open("b"));
        var claim = Table.Claim(Sent(session).ChannelId, "a");

        var replacement = Register("a");
        Broker.Reissue(replacement);

        Assert.That(replacement.Commands.Count, Is.Zero);
        Assert.That(other.Commands.Count, Is.EqualTo(1));
        claim.Pending!.TryFail(NotConnected);
        Broker.CloseAll(null, "enough");
        await Task.WhenAll(FailureAsync(claimed), FailureAsync(elsewhere));
    }

    // The broker has found the old session; before its send fails, a newer one is there, has the relay and claims it.
    [TestCase(true)]
    [TestCase(false)]
    public async Task OpenAsync_SupersededWhileSending_NewerSessionGetsTheRelay(bool claimsBeforeTheSendFails)
    {
        var old = Register("a");
        while (old.Commands.Count < 1024)
        {
            old.TrySend(new CloseRelayCommand("c", "r"));
        }

        SupervisorSession? replacement = null;
        ClaimResult claim = default;
        await using var registration = old.Ended.Register(() =>
        {
            replacement = Register("a");
            Broker.Reissue(replacement);
            if (claimsBeforeTheSendFails)
            {
                claim = Table.Claim(Sent(replacement).ChannelId, "a");
            }
        });
        var opening = Open("a");
        Assert.That(old.EndReason, Is.EqualTo(SessionEnd.Stuck));
        claim = claimsBeforeTheSendFails ? claim : Table.Claim(Sent(replacement!).ChannelId, "a");

        Assert.That(replacement!.Commands.Count, Is.Zero, "the relay was sent once");
        await SucceedAsync(opening, claim);
    }
}
