using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Races;

/// <summary>A supervisor comes back while the loss of its old session is still being dealt with.</summary>
internal sealed class SupersedeAgainstDisconnect : RaceTest
{
    [Test]
    public async Task Disconnect_NewSessionWhileTheDemotionIsWritten_EndsReady()
    {
        await Gateway.AddSandboxAsync();
        var old = await Gateway.ConnectAsync();
        var demotion = new SyncPoint();
        Gateway.Store.BeforeUpdate = demotion.HoldAsync;
        old.Streams.HangUp();
        await demotion.ReachedAsync("the write of the demotion");

        var newer = Gateway.Dial();
        await newer.AcceptedAsync();
        var session = Gateway.Sessions.Find("a");
        demotion.Release();
        await old.EndsAsync();

        await Gateway.BecomesAsync(SandboxPhase.Ready);
        Assert.That(Gateway.Sessions.Find("a"), Is.SameAs(session).And.Not.Null);
    }

    [Test]
    public async Task Supersede_OldSessionEndsAfterwards_NeverDemotes()
    {
        await Gateway.AddSandboxAsync();
        var old = await Gateway.ConnectAsync();
        var version = (await Gateway.GetAsync()).ResourceVersion;
        // The newer one is registered, and held before it says that the sandbox is Ready.
        var held = await Gateway.Locks.EnterAsync("a", CancellationToken.None);
        var newer = Gateway.Dial();
        await newer.AcceptedAsync();
        var session = Gateway.Sessions.Find("a");

        old.Streams.HangUp();
        await old.EndsAsync();

        Assert.That(Gateway.Sessions.Find("a"), Is.SameAs(session), "late cleanup evicts nobody");
        held.Dispose();
        newer.Streams.HangUp();
        await newer.EndsAsync();
        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.ResourceVersion), Is.EqualTo((SandboxPhase.Provisioning, version + 1)), "one change: the last session's end");
    }

    [Test]
    public async Task Disconnect_NewSessionBetweenRemovalAndDecision_IsNeverDemoted()
    {
        await Gateway.AddSandboxAsync();
        var old = await Gateway.ConnectAsync();
        var version = (await Gateway.GetAsync()).ResourceVersion;
        var held = await Gateway.Locks.EnterAsync("a", CancellationToken.None);
        old.Streams.HangUp();
        await TestKit.Eventually.BecomesTrueAsync(() => Gateway.Sessions.Find("a") is null, "the old session's removal");

        var newer = Gateway.Dial();
        await newer.AcceptedAsync();
        held.Dispose();
        await old.EndsAsync();

        using (await Gateway.Locks.EnterAsync("a", CancellationToken.None))
        {
            var record = await Gateway.GetAsync();
            Assert.That((record.Phase, record.ResourceVersion), Is.EqualTo((SandboxPhase.Ready, version)));
        }
    }
}
