using Google.Rpc;
using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Requests that are done at most once, over the wire and over crashes of the gateway.</summary>
public sealed class RequestIdTests : FunctionalTest
{
    private const string Id = "0f8fad5b-d9cb-469f-a165-70867728950e";

    [Test]
    public async Task Create_Again_IsTheSameSandboxWithTheHeader()
    {
        var (first, replayed) = await CreateAsync();
        var (again, replayedAgain) = await CreateAsync();

        Assert.That((again, replayed, replayedAgain), Is.EqualTo((first, false, true)));
        Assert.That(Driver.Service.Count, Is.EqualTo(1));
    }

    [Test]
    public async Task Create_OtherContent_IsRefusedWithItsReason()
    {
        await CreateAsync();

        var error = await FailureOfAsync(CreateAsync("other"));

        Assert.That(error.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
        Assert.That(
            error.GetRpcStatus()!.GetDetail<ErrorInfo>(),
            Is.EqualTo(new ErrorInfo { Reason = "REQUEST_ID_PAYLOAD_MISMATCH", Domain = "openshell.nvidia.com" }));
    }

    [Test]
    public async Task Stop_GatewayIsKilledAtWork_IsUncertainAfterwards()
    {
        await CreateAsync();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Driver.Service.BeforeStop = _ =>
        {
            stopping.TrySetResult();
            return release.Task;
        };
        var first = StopAsync(CancellationToken.None);
        await Eventually.EndsAsync(stopping.Task, "the driver is asked to stop the machine");

        await Gateway.KillAsync();
        release.SetResult();
        await FailureOfAsync(first);
        await Gateway.DisposeAsync();
        await StartAgainAsync();

        var error = await FailureOfAsync(StopAsync(CancellationToken.None));
        Assert.That(error.GetRpcStatus()!.GetDetail<ErrorInfo>().Reason, Is.EqualTo("REQUEST_OUTCOME_UNCERTAIN"));
    }

    [Test]
    public async Task Stop_ClientCancels_GoesOnAndIsGivenAgain()
    {
        await CreateAsync();
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Driver.Service.BeforeStop = _ =>
        {
            stopping.TrySetResult();
            return release.Task;
        };
        using var client = new CancellationTokenSource();
        var first = StopAsync(client.Token);
        await Eventually.EndsAsync(stopping.Task, "the driver is asked to stop the machine");

        await client.CancelAsync();
        Assert.That((await FailureOfAsync(first)).StatusCode, Is.EqualTo(StatusCode.Cancelled));
        release.SetResult();
        await Gateway.WaitForPhaseAsync("box", SandboxPhase.Stopped);

        var again = await Eventually.EndsAsync(AgainAsync(), "the stop is given again");
        Assert.That(again.Sandbox.Status.Phase, Is.EqualTo(SandboxPhase.Stopped));

        // Its success is stored a moment after the phase is seen.
        async Task<SandboxResponse> AgainAsync()
        {
            while (true)
            {
                try
                {
                    return await StopAsync(CancellationToken.None);
                }
                catch (RpcException e) when (e.GetRpcStatus()?.GetDetail<ErrorInfo>()?.Reason == "REQUEST_OUTCOME_UNCERTAIN")
                {
                    await Task.Yield();
                }
            }
        }
    }

    [Test]
    public async Task Exec_Again_IsNotLaunchedASecondTime()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var request = Exec(sandbox, ["sh", "-c", $"echo >> {Directory.File("launches")}"]);

        await ReadToEndAsync(Gateway.Client.ExecSandbox(request));
        var error = await FailureOfAsync(ReadToEndAsync(Gateway.Client.ExecSandbox(request)));

        Assert.That(error.GetRpcStatus()!.GetDetail<ErrorInfo>().Reason, Is.EqualTo("REQUEST_STREAM_UNAVAILABLE"));
        Assert.That(await File.ReadAllLinesAsync(Directory.File("launches")), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task ExecInteractive_CancelledWhileItRuns_HasEnded()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var start = new ExecSandboxInput { Start = Exec(sandbox, ["cat"]) };
        using (var first = Gateway.Client.ExecSandboxInteractive())
        {
            await first.RequestStream.WriteAsync(start);
            Assert.That(await first.ResponseStream.MoveNext(CancellationToken.None), Is.True);
            Assert.That(first.ResponseStream.Current.Started, Is.Not.Null);
        }

        // That the client has gone is known in the gateway a moment later.
        await Eventually.BecomesTrueAsync(
            async () => await ReasonOfASecondAsync() == "REQUEST_STREAM_UNAVAILABLE", () => "the command has ended");

        async Task<string> ReasonOfASecondAsync()
        {
            using var second = Gateway.Client.ExecSandboxInteractive();
            await second.RequestStream.WriteAsync(start);
            return (await FailureOfAsync(second.ResponseStream.MoveNext(CancellationToken.None))).GetRpcStatus()!.GetDetail<ErrorInfo>().Reason;
        }
    }

    [Test]
    public async Task Field_ThatIsWrong_IsNamedInTheDetails()
    {
        var request = new CreateSandboxRequest { WorkspaceScope = Scope.Default, Name = "a--b", Spec = new SandboxSpec() };

        var error = await FailureOfAsync(Gateway.Client.CreateSandboxAsync(request).ResponseAsync);

        Assert.That(error.GetRpcStatus()!.GetDetail<BadRequest>().FieldViolations.Single(), Is.EqualTo(new BadRequest.Types.FieldViolation
        {
            Field = "name",
            Description = "name must not contain consecutive hyphens",
        }));
    }

    private async Task<(string Id, bool Replayed)> CreateAsync(string name = "box")
    {
        using var call = Gateway.Client.CreateSandboxAsync(
            new CreateSandboxRequest { WorkspaceScope = Scope.Default, Name = name, Spec = new SandboxSpec(), RequestId = Id });
        var headers = await call.ResponseHeadersAsync;
        return ((await call).Sandbox.Metadata.Id, headers.GetValue("openshell-replayed") == "true");
    }

    private static ExecSandboxRequest Exec(Sandbox sandbox, string[] command) => new()
    {
        WorkspaceScope = Scope.Default,
        Sandbox = sandbox.Metadata.Name,
        Command = { command },
        RequestId = Id,
    };

    private static async Task ReadToEndAsync(AsyncServerStreamingCall<ExecSandboxEvent> call)
    {
        using (call)
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        }
    }

    private async Task<SandboxResponse> StopAsync(CancellationToken cancellationToken) => await Gateway.Client.StopSandboxAsync(
        new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = "box", RequestId = Id }, cancellationToken: cancellationToken);

    private static async Task<RpcException> FailureOfAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (RpcException e)
        {
            return e;
        }

        throw new AssertionException("the call did not fail");
    }
}
