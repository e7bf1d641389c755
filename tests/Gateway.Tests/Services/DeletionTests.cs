using Grpc.Core;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>What a deletion is answered with.</summary>
internal sealed class DeletionTests : ApiTest
{
    [Test]
    public async Task DeleteSandbox_Done_IsCompletedWithItsId()
    {
        var id = await CreateAsync("done");

        var answer = await Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = "done", WorkspaceScope = Scope.Default });

        Assert.That((answer.Outcome, answer.SandboxId), Is.EqualTo((DeletionOutcome.Completed, id)));
        Assert.That(await Get<SandboxStore>().GetAsync(id, CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task DeleteSandbox_Missing_IsNotFoundUnlessThatIsAllowed()
    {
        var request = new DeleteSandboxRequest { Name = "missing", WorkspaceScope = Scope.Default };
        var error = await Assert.ThrowsAsync<RpcException>(async () => await Client.DeleteSandboxAsync(request));
        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((StatusCode.NotFound, "sandbox not found")));

        request.AllowMissing = true;
        var answer = await Client.DeleteSandboxAsync(request);
        Assert.That((answer.Outcome, answer.SandboxId), Is.EqualTo((DeletionOutcome.AlreadyAbsent, "")));
    }

    [TestCase("nowhere", "box", StatusCode.NotFound, "workspace 'nowhere' not found")]
    [TestCase("", "box", StatusCode.InvalidArgument, "workspace_scope.workspace must not be empty")]
    [TestCase("default", "", StatusCode.InvalidArgument, "sandbox is required")]
    public async Task DeleteSandbox_AllowMissing_HidesNothingElse(string workspace, string name, StatusCode code, string message)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await Client.DeleteSandboxAsync(
            new DeleteSandboxRequest { Name = name, WorkspaceScope = Scope.Of(workspace), AllowMissing = true }));

        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((code, message)));
    }

    [Test]
    public async Task DeleteSandbox_ClientGoesAway_GoesOn()
    {
        var id = await CreateAsync("left");
        var driver = new Races.SyncPoint();
        Driver.BeforeDelete = driver.HoldAsync;
        using var gone = new CancellationTokenSource();
        var call = Client.DeleteSandboxAsync(
            new DeleteSandboxRequest { Name = "left", WorkspaceScope = Scope.Default }, cancellationToken: gone.Token);
        await driver.ReachedAsync("the driver's deletion");

        await gone.CancelAsync();
        Assert.That((await Assert.ThrowsAsync<RpcException>(async () => await call))!.StatusCode, Is.EqualTo(StatusCode.Cancelled));
        Driver.BeforeDelete = null;
        driver.Release();

        await Eventually.BecomesTrueAsync(
            async () => await Get<SandboxStore>().GetAsync(id, CancellationToken.None) is null, () => "the sandbox is gone");
    }

    // The driver takes longer than it may, or is gone: the deletion has begun, and the reconciler finishes it.
    [TestCase(StatusCode.DeadlineExceeded)]
    [TestCase(StatusCode.Unavailable)]
    [TestCase(StatusCode.Internal)]
    public async Task DeleteSandbox_DriverDoesNotFinish_IsAcceptedAndTheRecordExists(StatusCode code)
    {
        var name = $"slow-{(int)code}";
        var id = await CreateAsync(name);
        Driver.BeforeDelete = () => throw new RpcException(new Status(code, "busy"));

        var answer = await Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = name, WorkspaceScope = Scope.Default });
        Driver.BeforeDelete = null;

        Assert.That((answer.Outcome, answer.SandboxId), Is.EqualTo((DeletionOutcome.Accepted, id)));
        Assert.That(
            (await Client.GetSandboxAsync(new GetSandboxRequest { Name = name, WorkspaceScope = Scope.Default })).Sandbox.Status.Phase,
            Is.EqualTo(Protocol.V1.SandboxPhase.Deleting));
    }

    [Test]
    public async Task RevokeSshAccess_IdWithASelector_IsOfThatWorkspaceOrNotFound()
    {
        var access = new Protocol.Extensions.V1.SshAccess.SshAccessClient(Invoker);
        await Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "elsewhere" });
        await CreateAsync("access");
        var sandbox = (await Get<SandboxStore>().GetByNameAsync("default", "access", CancellationToken.None))!;
        var granted = await Get<SshAccess.SshAccessTokens>().CreateAccessAsync(sandbox, TimeSpan.FromHours(1), CancellationToken.None);
        Assert.That(granted.Succeeded(out var grant, out var failure), failure?.Message);
        var request = new RevokeSshAccessRequest { Id = grant!.Token.Id, WorkspaceScope = Scope.Of("elsewhere") };

        var error = await Assert.ThrowsAsync<RpcException>(async () => await access.RevokeSshAccessAsync(request));

        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((StatusCode.NotFound, $"there is no SSH access token '{request.Id}'")));
        request.WorkspaceScope = Scope.Default;
        Assert.That((await access.RevokeSshAccessAsync(request)).Revoked, Is.EqualTo(1));
        request.WorkspaceScope = null;
        Assert.That((await access.RevokeSshAccessAsync(request)).Revoked, Is.EqualTo(1));
    }

    [Test]
    public async Task RevokeSshSession_Twice_IsCompletedAndItsVersionStays()
    {
        var tokens = Get<SshAccess.SshAccessTokens>();
        await CreateAsync("tokens");
        var sandbox = (await Get<SandboxStore>().GetByNameAsync("default", "tokens", CancellationToken.None))!;
        Assert.That(
            (await tokens.CreateAsync(sandbox with { Phase = Sandboxes.SandboxPhase.Ready }, CancellationToken.None)).Succeeded(out var grant, out _));
        var store = Get<SshAccess.SshAccessStore>();

        var request = new RevokeSshSessionRequest { Token = grant!.Token.ToText() };
        Assert.That((await Client.RevokeSshSessionAsync(request)).Outcome, Is.EqualTo(DeletionOutcome.Completed));
        var version = (await store.GetAsync(grant.Token.Id, CancellationToken.None))!.ResourceVersion;
        Assert.That((await Client.RevokeSshSessionAsync(request)).Outcome, Is.EqualTo(DeletionOutcome.Completed));
        Assert.That((await store.GetAsync(grant.Token.Id, CancellationToken.None))!.ResourceVersion, Is.EqualTo(version));
    }

    [TestCase("", true, StatusCode.InvalidArgument, "token is required")]
    [TestCase("ssh_x.y", false, StatusCode.NotFound, "ssh session not found")]
    public async Task RevokeSshSession_WrongOrMissing_IsRefused(string token, bool allowMissing, StatusCode code, string message)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await Client.RevokeSshSessionAsync(
            new RevokeSshSessionRequest { Token = token, AllowMissing = allowMissing }));

        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((code, message)));
    }

    [Test]
    public async Task RevokeSshSession_MissingAndAllowed_IsAlreadyAbsent() => Assert.That(
        (await Client.RevokeSshSessionAsync(new RevokeSshSessionRequest { Token = "ssh_x.y", AllowMissing = true })).Outcome,
        Is.EqualTo(DeletionOutcome.AlreadyAbsent));

    private async Task<string> CreateAsync(string name) => (await Client.CreateSandboxAsync(
        new CreateSandboxRequest { Name = name, Spec = new SandboxSpec(), WorkspaceScope = Scope.Default })).Sandbox.Metadata.Id;
}
