using Grpc.Core;
using OpenShell.Protocol.Exec;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The connections between a supervisor and the gateway break while both live.</summary>
public sealed class ConnectionFaultTests : FaultTest
{
    private const int Execs = 50;
    private CuttableLink _link = null!;

    protected override Task<HostDriver> StartDriverAsync()
    {
        _link = new CuttableLink(Directory.File("link.sock"), Directory.File("gateway/run/supervisor.sock"));
        return HostDriver.StartAsync(Directory, $"unix:{Directory.File("link.sock")}");
    }

    [TearDown]
    public async Task RemoveLinkAsync()
    {
        // The supervisor would go on dialling a link that is no more; whether it gives up is no matter of these tests.
        Machine.Kill();
        await _link.DisposeAsync();
    }

    [Test]
    public async Task Session_ResetUnderFiftyExecs_AllEndWithATransportErrorAndTheirProcessesWithThem()
    {
        var before = await DescriptorsAsync();
        var calls = Enumerable.Range(0, Execs).Select(_ => Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo started; exec sleep 1000"))).ToArray();
        foreach (var call in calls)
        {
            Assert.That(await ExecOutcome.FirstOutputAsync(call.ResponseStream), Is.EqualTo("started\n"));
        }

        Assert.That(_link.CutAll(), Is.GreaterThan(1), "the session and its relays have connections of their own");

        var ends = calls.Select(async call =>
        {
            var e = await Assert.ThrowsAsync<RpcException>(
                async () => await Eventually.EndsAsync(ExecOutcome.ReadAsync(call.ResponseStream, default), "a call over a cut connection"));
            call.Dispose();
            return (e!.StatusCode, Sent: e.Trailers.GetValue(ExecTrailers.CommandSent));
        });
        Assert.That(await Task.WhenAll(ends), Has.All.EqualTo((StatusCode.Unavailable, "true")));
        await RecoversAsync();
        await Machine.BecomesIdleAsync();
        await ReturnsToAsync(before.Gateway, before.Supervisor);
    }
}
