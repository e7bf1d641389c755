using Grpc.Core;
using OpenShell.Gateway.Admission;
using OpenShell.Gateway.Auth;
using OpenShell.TestKit;
using Status = Grpc.Core.Status;

namespace OpenShell.Gateway.Services;

/// <summary>How many requests with a request_id there may be, and how large one may be.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class MutationLimitTests : MutationTest
{
    private static Task Failed => Task.FromException(new RpcException(new Status(StatusCode.Unavailable, "down")));

    [Test]
    public async Task Limit_OfStoredRequests_IsPerCaller()
    {
        for (var i = 0; i < RequestAdmission.MaxStoredPerCaller; i++)
        {
            await DeleteAsync(Guid.NewGuid().ToString(), Alice);
        }

        var error = await FailureOfAsync(() => DeleteAsync(Id, Alice));
        Assert.That(error.Status.Detail, Does.StartWith("1000 requests with a request_id are stored for this caller"));
        Assert.That(error.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        await DeleteAsync(Id, new UserPrincipal("bob", "idp"));

        Time.Advance(RequestAdmission.Window + TimeSpan.FromSeconds(1));
        await DeleteAsync(Id, Alice);
    }

    [Test]
    public async Task Failures_OlderThanTheWindow_CountNoMoreAndAreUncertainStill()
    {
        for (var i = 0; i < RequestAdmission.MaxStoredPerCaller; i++)
        {
            await FailureOfAsync(() => CreateAsync(Create(i == 0 ? Id : Guid.NewGuid().ToString()), work: Failed));
        }

        Assert.That((await FailureOfAsync(() => DeleteAsync(OtherId, Alice))).StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));

        Time.Advance(RequestAdmission.Window + TimeSpan.FromSeconds(1));
        await DeleteAsync(OtherId, Alice);
        await AssertRefusedAsync(() => CreateAsync(Create(Id)), Uncertain);
    }

    [Test]
    public async Task Failure_OfAnExecThatWasNotLaunched_IsUncertainAndCountsNoMoreAfterTheWindow()
    {
        for (var i = 0; i < RequestAdmission.MaxStoredPerCaller; i++)
        {
            await FailureOfAsync(() => ExecAsync(Exec(i == 0 ? Id : Guid.NewGuid().ToString()), (_, _) => Failed));
        }

        Time.Advance(RequestAdmission.Window + TimeSpan.FromSeconds(1));
        await DeleteAsync(OtherId, Alice);
        await AssertRefusedAsync(() => ExecAsync(Exec(Id), (_, _) => Task.CompletedTask), Uncertain);
    }

    [Test]
    public async Task Limit_OfRequestsAtWork_IsPerGateway()
    {
        await DeleteAsync(OtherId, Alice);
        var release = new TaskCompletionSource();
        var running = Enumerable.Range(0, RequestAdmission.MaxAtWork)
            .Select(i => CreateAsync(Create(Guid.NewGuid().ToString()), $"n{i}", release.Task)).ToList();
        await Eventually.BecomesTrueAsync(() => Calls == 1 + RequestAdmission.MaxAtWork, "all are at work");

        var error = await FailureOfAsync(() => CreateAsync(Create(Id)));
        Assert.That(error.StatusCode, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(error.Status.Detail, Does.StartWith("64 requests with a request_id are at work"));
        Assert.That((await DeleteAsync(OtherId, Alice)).SandboxId, Is.EqualTo("s1"), "a repeat needs no place");

        release.SetResult();
        await Task.WhenAll(running);
        await CreateAsync(Create(Id));
    }

    [Test]
    public async Task Limit_OfTheRequestsSize_IsFourMebibytes()
    {
        var request = Exec(Id);
        request.Stdin = Google.Protobuf.ByteString.CopyFrom(new byte[4 * 1024 * 1024]);

        var error = await FailureOfAsync(() => ExecAsync(request, (_, _) => Task.CompletedTask));

        Assert.That(error.Status, Is.EqualTo(new Status(StatusCode.ResourceExhausted, "mutation request exceeds 4 MiB")));
        request.RequestId = "";
        await ExecAsync(request, (_, _) => Task.CompletedTask);
    }
}
