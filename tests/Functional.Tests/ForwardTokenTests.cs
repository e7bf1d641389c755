using Grpc.Core;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>The tokens that open a ForwardTcp stream, and what ends one.</summary>
public sealed class ForwardTokenTests : ForwardTest
{
    [Test]
    public async Task Forward_TokenOf_AnotherSandboxOrNobody_IsRefused()
    {
        var other = await Gateway.CreateReadyAsync();
        var foreign = (await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = other.Metadata.Name })).Token;
        var own = await TokenAsync();

        await Assert.MultipleAsync(async () =>
        {
            await RefusedAsync("", "Unauthenticated: authorization_token is required for ForwardTcp");
            await RefusedAsync("nonsense", "Unauthenticated: SSH session token not found");
            await RefusedAsync(own + "0", "Unauthenticated: SSH session token not found");
            await RefusedAsync(foreign, "Unauthenticated: SSH session token is not valid");
        });

        async Task RefusedAsync(string token, string message) =>
            Assert.That((await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, 1)))!.Message, Is.EqualTo(message));
    }

    [Test]
    public async Task Revoke_LiveStream_IsCutAndTheTokenIsOver()
    {
        using var target = new LoopbackTarget();
        var token = await TokenAsync();
        await using var stream = await OpenAsync(token, target.Port);
        using var connection = await target.AcceptAsync();

        Assert.That((await Gateway.Client.RevokeSshSessionAsync(new RevokeSshSessionRequest { Token = token })).Outcome, Is.EqualTo(DeletionOutcome.Completed));

        var e = await Assert.CatchAsync<IOException>(() => ReadAllAsync(stream));
        Assert.That(e!.Message, Is.EqualTo("Unauthenticated: the SSH session was revoked"));
        await LoopbackTarget.EndedAsync(connection);
        var again = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, target.Port));
        Assert.That(again!.Message, Is.EqualTo("Unauthenticated: SSH session token is not valid"));
        Assert.That(
            (await Gateway.Client.RevokeSshSessionAsync(new RevokeSshSessionRequest { Token = token })).Outcome, Is.EqualTo(DeletionOutcome.Completed));
        var unknown = new RevokeSshSessionRequest { Token = "ssh_x.y", AllowMissing = true };
        Assert.That((await Gateway.Client.RevokeSshSessionAsync(unknown)).Outcome, Is.EqualTo(DeletionOutcome.AlreadyAbsent));
        unknown.AllowMissing = false;
        var missing = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.Client.RevokeSshSessionAsync(unknown));
        Assert.That((missing!.StatusCode, missing.Status.Detail), Is.EqualTo((StatusCode.NotFound, "ssh session not found")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task StopOrDelete_LiveStream_IsCut(bool delete)
    {
        using var target = new LoopbackTarget();
        await using var stream = await OpenAsync(await TokenAsync(), target.Port);
        using var connection = await target.AcceptAsync();
        var name = Sandbox.Metadata.Name;
        if (delete)
        {
            await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        }
        else
        {
            await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = name });
        }

        await Assert.CatchAsync<IOException>(() => ReadAllAsync(stream));
        await LoopbackTarget.EndedAsync(connection);
    }

    [Test]
    public async Task Restarted_TokenFromBefore_IsNotValid()
    {
        var token = await TokenAsync();
        await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = Sandbox.Metadata.Name });
        var stopped = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, 1));
        Assert.That(stopped!.Code, Is.EqualTo(StatusCode.FailedPrecondition));

        await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = Sandbox.Metadata.Name });
        await Gateway.WaitForPhaseAsync(Sandbox.Metadata.Name, SandboxPhase.Ready);
        var e = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, 1));
        Assert.That(e!.Message, Is.EqualTo("Unauthenticated: SSH session token is not valid"));
    }

    [Test]
    public async Task Forward_OneMoreWithOneToken_ResourceExhaustedUntilOneEnds()
    {
        using var target = new LoopbackTarget();
        var token = await TokenAsync();
        var streams = new List<RelayConnection>();
        for (var i = 0; i < 3; i++)
        {
            streams.Add(await OpenAsync(token, target.Port));
        }

        var e = await Assert.ThrowsAsync<RelayRefusedException>(() => OpenAsync(token, target.Port));
        Assert.That(e!.Message, Is.EqualTo(
            "ResourceExhausted: there are 3 forwarded streams with this token, which is the limit; close some, or raise the gateway's --max-forwards-per-token"));

        streams[0].Abort();
        await streams[0].DisposeAsync();
        await Eventually.BecomesTrueAsync(async () => await TryOpenAsync(token, target.Port) is { } again && Keep(again), () => "a place is free again");
        foreach (var stream in streams)
        {
            stream.Abort();
            await stream.DisposeAsync();
        }

        bool Keep(RelayConnection again)
        {
            streams.Add(again);
            return true;
        }
    }

    [Test]
    public async Task CreateSshSession_Answer_IsWhatTheClientReachedUsBy()
    {
        var answer = await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = Sandbox.Metadata.Name });
        Assert.That(
            (answer.GatewayHost, (int)answer.GatewayPort, answer.GatewayScheme),
            Is.EqualTo((Gateway.Endpoint.Host, Gateway.Endpoint.Port, "http")));
        Assert.That(answer.Token, Does.Match("^ssh_[0-9a-f]{32}\\.[0-9a-f]{64}$"));
        var life = answer.ExpirationTime.ToDateTimeOffset() - DateTimeOffset.UtcNow;
        Assert.That(life, Is.EqualTo(TimeSpan.FromHours(24)).Within(TimeSpan.FromMinutes(5)));
        var stored = await File.ReadAllBytesAsync(Directory.File("gateway/openshell.db-wal"));
        Assert.That(stored.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(answer.Token.Split('.')[1])), Is.Negative, "the secret is not stored");
    }

    private async Task<RelayConnection?> TryOpenAsync(string token, int port)
    {
        try
        {
            return await OpenAsync(token, port);
        }
        catch (RelayRefusedException e) when (e.Code == StatusCode.ResourceExhausted)
        {
            return null;
        }
    }
}
