using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>The driver says something about a sandbox while its session makes it Ready.</summary>
internal sealed class DriverStatusAgainstPromote : RaceTest
{
    private static readonly DriverStatus DriverReady = new(
        DriverPhase.Ready, new SandboxCondition("Ready", "True", "Started", "up", DateTimeOffset.UnixEpoch));

    private static readonly DriverStatus DriverError = new(
        DriverPhase.Error, new SandboxCondition("Ready", "False", "ProcessExited", "gone", DateTimeOffset.UnixEpoch));

    [Test]
    public async Task Promote_ErrorSnapshotWhileItIsWritten_EndsInError()
    {
        var promotion = await HoldFirstWriteAsync();
        var supervisor = Gateway.Dial();
        await promotion.ReachedAsync("the write of the promotion");

        var snapshot = Gateway.Readiness.SetDriverStatusAsync("a", DriverError, CancellationToken.None);
        Assert.That(snapshot.IsCompleted, Is.False, "its turn comes after");
        promotion.Release();
        await Eventually.EndsAsync(snapshot, "the snapshot");

        await supervisor.AcceptedAsync();
        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.Ready!.Reason), Is.EqualTo((SandboxPhase.Error, "ProcessExited")));
    }

    [Test]
    public async Task Snapshot_SessionWhileItIsWritten_EndsReady()
    {
        var write = await HoldFirstWriteAsync();
        var snapshot = Gateway.Readiness.SetDriverStatusAsync("a", DriverReady, CancellationToken.None);
        await write.ReachedAsync("the write of the snapshot");

        var supervisor = Gateway.Dial();
        await supervisor.AcceptedAsync();
        write.Release();
        await Eventually.EndsAsync(snapshot, "the snapshot");

        await Gateway.BecomesAsync(SandboxPhase.Ready);
    }

    // The snapshot was taken while the session lived; by the time it is decided the session has gone.
    [Test]
    public async Task Snapshot_SessionEndsBeforeItsTurn_DoesNotPromoteAgain()
    {
        await Gateway.AddSandboxAsync();
        var supervisor = await Gateway.ConnectAsync();
        var held = await Gateway.Locks.EnterAsync("a", CancellationToken.None);
        var snapshot = Gateway.Readiness.SetDriverStatusAsync("a", DriverReady, CancellationToken.None);

        supervisor.Streams.HangUp();
        await Eventually.BecomesTrueAsync(() => Gateway.Sessions.Find("a") is null, "the session's removal");
        held.Dispose();
        await Eventually.EndsAsync(snapshot, "the snapshot");
        await supervisor.EndsAsync();

        var record = await Gateway.GetAsync();
        Assert.That((record.Phase, record.Ready!.Reason), Is.EqualTo((SandboxPhase.Provisioning, "SupervisorNotConnected")));
    }

    private async Task<SyncPoint> HoldFirstWriteAsync()
    {
        await Gateway.AddSandboxAsync();
        var point = new SyncPoint();
        Gateway.Store.BeforeUpdate = point.HoldAsync;
        return point;
    }
}
