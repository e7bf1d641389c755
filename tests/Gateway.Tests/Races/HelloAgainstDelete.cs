using Grpc.Core;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>A supervisor says hello while its sandbox is deleted.</summary>
internal sealed class HelloAgainstDelete : RaceTest
{
    // The row is there when the hello is checked; when the session is registered, the deletion has left nothing of it.
    [Test]
    public async Task Hello_DeletionBetweenItsCheckAndItsRegistration_IsToldAndNothingIsLeft()
    {
        var sandbox = await Gateway.AddSandboxAsync();
        var check = new SyncPoint();
        Gateway.Store.AfterGet = () =>
        {
            Gateway.Store.AfterGet = null;
            return check.HoldAsync();
        };
        var supervisor = Gateway.Dial();
        await check.ReachedAsync("the check of the hello");
        Assert.That((await Gateway.Lifecycle.DeleteAsync(sandbox, CancellationToken.None)).Succeeded(out _, out _), Is.True);

        check.Release();

        var status = await supervisor.EndsAsync();
        Assert.That((status?.StatusCode, status?.Detail), Is.EqualTo(((StatusCode?)StatusCode.NotFound, "sandbox not found")));
        Assert.That(Gateway.Sessions.Count, Is.Zero);
        Assert.That(Gateway.Sessions.Find("a"), Is.Null);
    }

    [Test]
    public async Task Delete_HelloWhileTheDriverDeletes_IsRejected()
    {
        var sandbox = await Gateway.AddSandboxAsync();
        var connected = await Gateway.ConnectAsync();
        var machine = new SyncPoint();
        Gateway.Driver.BeforeDelete = machine.HoldAsync;
        var deleting = Gateway.Lifecycle.DeleteAsync(sandbox, CancellationToken.None);
        await machine.ReachedAsync("the driver's deletion");

        Assert.That(await Gateway.Dial().RejectedAsync(), Is.EqualTo("the sandbox is not to run (phase Deleting)"));
        machine.Release();
        Assert.That((await Eventually.EndsAsync(deleting, "the deletion")).Succeeded(out _, out _), Is.True);

        await connected.EndsAsync();
        Assert.That(Gateway.Sessions.Count, Is.Zero);
    }

    // The hello was checked before the deletion began, and is registered while the driver deletes.
    [Test]
    public async Task Delete_HelloWasCheckedBefore_IsFencedOff()
    {
        var sandbox = await Gateway.AddSandboxAsync();
        var check = new SyncPoint();
        Gateway.Store.AfterGet = () =>
        {
            Gateway.Store.AfterGet = null;
            return check.HoldAsync();
        };
        var supervisor = Gateway.Dial();
        await check.ReachedAsync("the check of the hello");
        var machine = new SyncPoint();
        Gateway.Driver.BeforeDelete = machine.HoldAsync;
        var deleting = Gateway.Lifecycle.DeleteAsync(sandbox, CancellationToken.None);
        await machine.ReachedAsync("the driver's deletion");

        check.Release();

        Assert.That(await supervisor.RejectedAsync(), Does.StartWith("boot epoch 1 is over"));
        Assert.That(Gateway.Sessions.Count, Is.Zero);
        machine.Release();
        await Eventually.EndsAsync(deleting, "the deletion");
    }
}
