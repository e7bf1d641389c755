using Grpc.Core;
using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Fakes;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Status = Grpc.Core.Status;

namespace OpenShell.Gateway.Services;

/// <summary>The request_id of a command guards its launch.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ExecRequestIdTests : MutationTest
{
    [Test]
    public async Task Exec_Ended_IsNeverLaunchedAgain()
    {
        await ExecAsync(Exec(Id), (_, _) => Task.CompletedTask);

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Ended);
        await AssertRefusedAsync(() => ExecAsync(Exec(Id, "other"), (_, _) => Task.CompletedTask), Mismatch);
        Assert.That(Calls, Is.EqualTo(1));

        Time.Advance(RequestAdmission.Window + TimeSpan.FromSeconds(1));
        await ExecAsync(Exec(Id), (_, _) => Task.CompletedTask);
    }

    [Test]
    public async Task Exec_Running_IsUncertain()
    {
        var release = new TaskCompletionSource();
        var running = ExecAsync(Exec(Id), (_, _) => release.Task);
        await Eventually.BecomesTrueAsync(() => Calls == 1, "the service is at work");

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Uncertain);

        release.SetResult();
        await running;
    }

    [Test]
    public async Task Exec_NotLaunched_IsUncertain()
    {
        await FailureOfAsync(() => ExecAsync(Exec(Id), (_, _) => throw new RpcException(new Status(StatusCode.Unavailable, "no relay"))));

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Uncertain);
    }

    [Test]
    public async Task Exec_LaunchedAndLost_HasEnded()
    {
        await FailureOfAsync(() => ExecAsync(Exec(Id), async (stream, _) =>
        {
            await stream.WriteAsync(new ExecSandboxEvent());
            throw new RpcException(new Status(StatusCode.Unavailable, "the connection was lost"));
        }));

        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Ended);
    }

    [Test]
    public async Task Exec_ClientCancels_EndsTheCommand()
    {
        using var client = new CancellationTokenSource();
        var seen = CancellationToken.None;
        await ExecAsync(
            Exec(Id),
            (_, context) =>
            {
                seen = context.CancellationToken;
                return Task.CompletedTask;
            },
            new FakeServerCall(Alice, client.Token));

        await client.CancelAsync();

        Assert.That(seen.IsCancellationRequested, Is.True);
    }

    [Test]
    public async Task ExecInteractive_OnlyTheStartCounts_AndTheServiceReadsItAll()
    {
        await InteractiveAsync("input");

        await AssertRefusedAsync(() => InteractiveAsync("other input"), Ended);
        Assert.That(Calls, Is.EqualTo(1));
    }

    [Test]
    public async Task ExecInteractive_EmptyStream_IsTheServicesToRefuse()
    {
        var streams = new FakeStreams<ExecSandboxInput, ExecSandboxEvent>();
        streams.HangUp();
        var read = true;

        await Running.Interceptor.DuplexStreamingServerHandler(
            streams, streams, new FakeServerCall(Alice), async (input, _, _) => read = await input.MoveNext(CancellationToken.None));

        Assert.That(read, Is.False);
    }

    private async Task InteractiveAsync(string input)
    {
        var streams = new FakeStreams<ExecSandboxInput, ExecSandboxEvent>();
        streams.Say(new ExecSandboxInput { Start = Exec(Id) });
        streams.Say(new ExecSandboxInput { Stdin = Google.Protobuf.ByteString.CopyFromUtf8(input) });
        streams.HangUp();
        await Running.Interceptor.DuplexStreamingServerHandler(streams, streams, new FakeServerCall(Alice), async (messages, _, _) =>
        {
            Count();
            var cases = new List<ExecSandboxInput.PayloadOneofCase>();
            while (await messages.MoveNext(CancellationToken.None))
            {
                cases.Add(messages.Current.PayloadCase);
            }

            Assert.That(
                cases, Is.EqualTo(new[] { ExecSandboxInput.PayloadOneofCase.Start, ExecSandboxInput.PayloadOneofCase.Stdin }));
        });
    }
}
