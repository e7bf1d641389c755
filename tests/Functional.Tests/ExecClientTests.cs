using Google.Protobuf;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Callers that go away, at every stage of a command: nothing of it is left in the sandbox.</summary>
public sealed class ExecClientTests : FaultTest
{
    [Test]
    public async Task Caller_GoesBeforeTheStart_NothingIsLeft()
    {
        for (var i = 0; i < 10; i++)
        {
            using var call = Gateway.Client.ExecSandboxInteractive();
            // The call reaches the gateway with this one, which goes the same way.
            await Gateway.Client.HealthAsync(new HealthRequest());
        }

        await Machine.BecomesIdleAsync();
        await RecoversAsync();
    }

    [Test]
    public async Task Caller_GoesRightAfterTheStart_NothingIsLeft()
    {
        for (var i = 0; i < 30; i++)
        {
            using var call = Gateway.Client.ExecSandboxInteractive();
            await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("sleep", "1000") });
        }

        await RecoversAsync();
        await Machine.BecomesIdleAsync();
    }

    [Test]
    public async Task Caller_GoesWhileItRunsQuietly_NothingIsLeft()
    {
        using (var call = Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "sleep 1000 & sleep 1000 & echo up; wait")))
        {
            await ExecOutcome.FirstOutputAsync(call.ResponseStream);
            Assert.That(Machine.Children, Is.Not.Empty);
        }

        await Machine.BecomesIdleAsync();
    }

    [Test]
    public async Task Caller_GoesWhileOutputFlows_NothingIsLeft()
    {
        using (var call = Gateway.Client.ExecSandbox(Request("yes")))
        {
            for (var i = 0; i < 50; i++)
            {
                await ExecOutcome.FirstOutputAsync(call.ResponseStream);
            }
        }

        await Machine.BecomesIdleAsync();
    }

    [Test]
    public async Task Caller_ReadsNothingAndGoes_NothingIsLeft()
    {
        using (var call = Gateway.Client.ExecSandbox(Request("yes")))
        {
            // The windows are full: everybody on the way waits for somebody.
            await Eventually.BecomesTrueAsync(() => Machine.Children.Count == 1, "yes runs");
            await ExecOutcome.FirstOutputAsync(call.ResponseStream);
        }

        await Machine.BecomesIdleAsync();
    }

    [Test]
    public async Task Caller_GoesInTheMiddleOfItsInput_NothingIsLeft()
    {
        using (var call = Gateway.Client.ExecSandboxInteractive())
        {
            await call.RequestStream.WriteAsync(new ExecSandboxInput { Start = Request("/bin/sh", "-c", "cat >/dev/null; echo never; sleep 1000") });
            for (var i = 0; i < 20; i++)
            {
                await call.RequestStream.WriteAsync(new ExecSandboxInput { Stdin = ByteString.CopyFrom(new byte[64 * 1024]) });
            }
        }

        await Machine.BecomesIdleAsync();
    }

    [Test]
    public async Task Caller_GoesFromATerminal_NothingIsLeft()
    {
        var request = Request("/bin/sh", "-c", "sleep 1000 & echo up; wait");
        request.Tty = true;
        using (var call = Gateway.Client.ExecSandbox(request))
        {
            await ExecOutcome.FirstOutputAsync(call.ResponseStream);
        }

        await Machine.BecomesIdleAsync();
    }

    [Test]
    public async Task SupervisorDies_FiftyExecsRun_AllEndWithATransportError()
    {
        var calls = new List<AsyncServerStreamingCall<ExecSandboxEvent>>();
        for (var i = 0; i < 50; i++)
        {
            calls.Add(Gateway.Client.ExecSandbox(Request("/bin/sh", "-c", "echo up; exec sleep 1000")));
            await ExecOutcome.FirstOutputAsync(calls[i].ResponseStream);
        }

        var ends = calls.Select(call => EndAsync(call.ResponseStream)).ToList();
        Assert.That(ends.Any(end => end.IsCompleted), Is.False, "all run");

        Machine.Kill();

        var statuses = await Eventually.EndsAsync(Task.WhenAll(ends), "all calls end");
        Assert.That(statuses.Select(s => s.StatusCode), Is.All.EqualTo(StatusCode.Unavailable));
        calls.ForEach(call => call.Dispose());
    }

    private static async Task<Status> EndAsync(IAsyncStreamReader<ExecSandboxEvent> events)
    {
        try
        {
            await ExecOutcome.ReadAsync(events, CancellationToken.None);
            return Status.DefaultSuccess;
        }
        catch (RpcException e)
        {
            return e.Status;
        }
    }
}
