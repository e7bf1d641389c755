using Grpc.Core;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Outcomes;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Races;

/// <summary>A supervisor says hello while its sandbox is being created.</summary>
internal sealed class RegisterAgainstCreate : RaceTest
{
    [Test]
    public async Task Hello_BeforeTheRow_IsRejectedAndTheNextOneIsReady()
    {
        var row = new SyncPoint();
        Gateway.Store.BeforeCreate = row.HoldAsync;
        var creating = Gateway.CreateAsync();
        await row.ReachedAsync("the write of the row");
        var id = Created("validate");

        Assert.That(await Gateway.Dial(id).RejectedAsync(), Is.EqualTo("sandbox not found"));
        row.Release();
        await Eventually.EndsAsync(creating, "the creation");

        await Gateway.Dial(id).AcceptedAsync();
        await Gateway.BecomesAsync(SandboxPhase.Ready, id);
    }

    [Test]
    public async Task Hello_WhileTheDriverCreates_IsReadyOnceItHas()
    {
        var driver = new SyncPoint();
        Gateway.Driver.BeforeCreate = driver.HoldAsync;
        var creating = Gateway.CreateAsync();
        await driver.ReachedAsync("the driver's creation");
        var id = Created("create");

        await Gateway.Dial(id).AcceptedAsync();
        Assert.That((await Gateway.Sandboxes.GetAsync(id, CancellationToken.None))!.Phase, Is.EqualTo(SandboxPhase.Provisioning));
        driver.Release();

        Assert.That((await Eventually.EndsAsync(creating, "the creation")).Succeeded(out var record, out _), Is.True);
        Assert.That(record!.Phase, Is.EqualTo(SandboxPhase.Provisioning), "what the creator is told");
        await Gateway.BecomesAsync(SandboxPhase.Ready, id);
    }

    [Test]
    public async Task Hello_DriverThenRefusesTheCreation_IsToldAndNothingIsLeft()
    {
        var driver = new SyncPoint();
        Gateway.Driver.BeforeCreate = async () =>
        {
            await driver.HoldAsync();
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "no memory"));
        };
        var creating = Gateway.CreateAsync();
        await driver.ReachedAsync("the driver's creation");
        var id = Created("create");
        var supervisor = Gateway.Dial(id);
        await supervisor.AcceptedAsync();

        driver.Release();

        Assert.That((await Eventually.EndsAsync(creating, "the creation")).Succeeded(out _, out var failure), Is.False);
        Assert.That(failure!.Kind, Is.EqualTo(FailureKind.ResourceExhausted));
        Assert.That((await supervisor.EndsAsync())?.StatusCode, Is.EqualTo(StatusCode.NotFound));
        Assert.That(Gateway.Sessions.Count, Is.Zero);
        Assert.That(await Gateway.Sandboxes.GetAsync(id, CancellationToken.None), Is.Null);
    }

    private string Created(string call) => Gateway.Driver.Calls.Last(c => c.StartsWith(call, StringComparison.Ordinal)).Split(' ')[1];
}
