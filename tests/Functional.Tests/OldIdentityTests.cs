using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Functional;

/// <summary>What carries the token of an earlier boot of a sandbox, or of one that was deleted, or an admin token that was rotated.</summary>
public sealed class OldIdentityTests : FunctionalTest
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task OldSandboxToken_EveryMethod_IsRefusedAndItsStreamsEnd(bool deleted)
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var name = sandbox.Metadata.Name;
        var old = TokenOf(sandbox);
        using var channel = SupervisorChannel();
        var client = new Api.OpenShellClient(channel);
        // A connection that has shown the token, and a stream that is open.
        await client.RefreshSandboxTokenAsync(new RefreshSandboxTokenRequest(), old);
        using var pushing = client.PushSandboxLogs(old);
        await pushing.RequestStream.WriteAsync(Batch(sandbox));

        if (deleted)
        {
            await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        }
        else
        {
            await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
            await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
            await Gateway.WaitForPhaseAsync(name, SandboxPhase.Ready);
        }

        await Assert.ThrowsAsync<RpcException>(() => Eventually.EndsAsync(pushing.ResponseAsync, "the push of the old boot ends"));
        var refused = new[]
        {
            await CodeAsync(() => client.RefreshSandboxTokenAsync(new RefreshSandboxTokenRequest(), old).ResponseAsync),
            await CodeAsync(() => client.ReportMainProcessExitAsync(new ReportMainProcessExitRequest { SandboxId = sandbox.Metadata.Id, InstanceId = "i" }, old).ResponseAsync),
            await CodeAsync(() => client.IssueSandboxTokenAsync(new IssueSandboxTokenRequest(), old).ResponseAsync),
            await CodeAsync(() => PushAsync(client, sandbox, old)),
            await CodeAsync(() => RelayAsync(client, old)),
        };
        Assert.That(refused, Is.All.EqualTo(StatusCode.Unauthenticated));
        Assert.That(
            await CodeAsync(() => ConnectAsync(client, sandbox, old)),
            Is.EqualTo(deleted ? StatusCode.NotFound : StatusCode.FailedPrecondition));
    }

    [Test]
    public async Task RotatedAdminToken_IsRefusedAtOnce_AndItsStreamsEnd()
    {
        using var old = Gateway.AnonymousChannel();
        var header = new Metadata { { "authorization", $"Bearer {Gateway.AdminToken}" } };
        var sandbox = await Gateway.CreateReadyAsync();
        using var watching = new Api.OpenShellClient(old).WatchSandbox(new WatchSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, FollowStatus = true }, header);
        Assert.That(await watching.ResponseStream.MoveNext(default), Is.True);

        var rotated = await SshClient.RunAsync(TestPaths.Program("openshell-gateway"), [], ["admin-token", "rotate", "--state-dir", Directory.File("gateway")]);

        Assert.That(rotated.ExitCode, Is.Zero, rotated.Error);
        Assert.That(await CodeAsync(() => new Api.OpenShellClient(old).GetCurrentUserAsync(new GetCurrentUserRequest(), header).ResponseAsync), Is.EqualTo(StatusCode.Unauthenticated));
        await Assert.ThrowsAsync<RpcException>(() => Eventually.EndsAsync(DrainAsync(watching), "the watch of the old token ends"));
        var token = (await File.ReadAllTextAsync(Directory.File("gateway/admin.token"))).Trim();
        Assert.That(token, Is.Not.EqualTo(Gateway.AdminToken));
        Assert.That(rotated.Text + rotated.Error, Does.Not.Contain(token));
        await new Api.OpenShellClient(old).GetCurrentUserAsync(new GetCurrentUserRequest(), new Metadata { { "authorization", $"Bearer {token}" } });
        var local = await CliProcess.RunAsync(Gateway, Directory, [], "sandbox", "list", "--names");
        Assert.That(local.Text, Is.EqualTo($"{sandbox.Metadata.Name}\n"), local.Error);
    }

    private static PushSandboxLogsRequest Batch(Sandbox sandbox) =>
        new() { SandboxId = sandbox.Metadata.Id, Logs = { new SandboxLogLine { Target = "t", Message = "m" } } };

    private static async Task<StatusCode> CodeAsync(Func<Task> call)
    {
        try
        {
            await Eventually.EndsAsync(call(), "the call ends");
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static async Task DrainAsync(AsyncServerStreamingCall<SandboxStreamEvent> call)
    {
        while (await call.ResponseStream.MoveNext(default))
        {
        }
    }

    private static async Task PushAsync(Api.OpenShellClient client, Sandbox sandbox, Metadata token)
    {
        using var call = client.PushSandboxLogs(token);
        await TryWriteAsync(() => call.RequestStream.WriteAsync(Batch(sandbox)));
        await call.ResponseAsync;
    }

    private static async Task RelayAsync(Api.OpenShellClient client, Metadata token)
    {
        using var call = client.RelayStream(token);
        await TryWriteAsync(() => call.RequestStream.WriteAsync(new RelayFrame { Init = new RelayInit { ChannelId = "c" } }));
        await call.ResponseStream.MoveNext(default);
    }

    private static async Task ConnectAsync(Api.OpenShellClient client, Sandbox sandbox, Metadata token)
    {
        using var call = client.ConnectSupervisor(token);
        var hello = new SupervisorHello { SandboxId = sandbox.Metadata.Id, InstanceId = "i" };
        await call.RequestStream.WriteAsync(new SupervisorMessage { Hello = hello });
        while (await call.ResponseStream.MoveNext(default))
        {
        }
    }

    // A call that is refused may be over before it is written to; its answer says why.
    private static async Task TryWriteAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
        }
    }
}
