using Grpc.Core;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Extensions.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Two sandboxes of one name in two workspaces, each reached by every way.</summary>
public sealed class WorkspaceTests : SshGatewayTest
{
    [Test]
    public async Task SandboxesOfOneName_EachWay_LeadsToTheRightOne()
    {
        var name = Sandbox.Metadata.Name;
        await Gateway.Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "team" });
        var other = await CreateReadyAsync("team", name);
        Assert.That(other.Metadata.Id, Is.Not.EqualTo(Sandbox.Metadata.Id));

        Assert.That(await ExecAsync("default", name), Is.EqualTo("of "));
        Assert.That(await ExecAsync("team", name), Is.EqualTo("of team"));

        var session = await Gateway.Client.CreateSshSessionAsync(new CreateSshSessionRequest { Sandbox = name, WorkspaceScope = Scope.Of("team") });
        Assert.That(session.SandboxId, Is.EqualTo(other.Metadata.Id));

        var access = await GrantAsync();
        var key = await AddKeyAsync();
        Assert.That(await SshAsync(access, name, key), Is.EqualTo("of "));
        Assert.That(await SshAsync(access, $"{name}.team", key), Is.EqualTo("of team"));
    }

    [Test]
    public async Task DeleteWorkspace_GatewayKilledMeanwhile_StaysClosedAndIsDeletedWhenItIsEmpty()
    {
        await Gateway.Client.CreateWorkspaceAsync(new CreateWorkspaceRequest { Name = "team" });
        await CreateReadyAsync("team", "box");
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await Gateway.Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = "team" }));
        Assert.That((error!.StatusCode, error.Status.Detail), Is.EqualTo((
            StatusCode.FailedPrecondition,
            "workspace 'team' still contains resources: sandbox; it takes nothing new: delete them, and then it, again")));

        await RestartGatewayAsync();

        var found = (await Gateway.Client.GetWorkspaceAsync(new GetWorkspaceRequest { Name = "team" })).Workspace;
        Assert.That(found.Status.Phase, Is.EqualTo(WorkspacePhase.Terminating));
        Assert.That(
            (await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = "box", WorkspaceScope = Scope.Of("team") })).Outcome,
            Is.EqualTo(DeletionOutcome.Completed));
        Assert.That(
            (await Gateway.Client.DeleteWorkspaceAsync(new DeleteWorkspaceRequest { Name = "team" })).Outcome, Is.EqualTo(DeletionOutcome.Completed));
    }

    private async Task<Sandbox> CreateReadyAsync(string workspace, string name)
    {
        var spec = new SandboxSpec { Environment = { ["WORKSPACE"] = workspace } };
        await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { Name = name, WorkspaceScope = Scope.Of(workspace), Spec = spec });
        Sandbox? seen = null;
        await Eventually.BecomesTrueAsync(
            async () =>
            {
                seen = (await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { Name = name, WorkspaceScope = Scope.Of(workspace) })).Sandbox;
                return seen.Status.Phase == SandboxPhase.Ready;
            },
            () => $"{name} of {workspace} is Ready");
        return seen!;
    }

    private async Task<string> ExecAsync(string workspace, string name) => (await Gateway.ExecAsync(new ExecSandboxRequest
    {
        Sandbox = name,
        WorkspaceScope = Scope.Of(workspace),
        Command = { "sh", "-c", "printf %s \"of $WORKSPACE\"" },
    })).Text;

    private async Task<string> AddKeyAsync()
    {
        var key = Directory.File("key");
        using var keygen = System.Diagnostics.Process.Start("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
        await keygen.WaitForExitAsync();
        await Access.AddSshKeyAsync(new AddSshKeyRequest { PublicKey = await File.ReadAllTextAsync(key + ".pub") }, Headers);
        return key;
    }

    private static async Task<string> SshAsync(CreateSshAccessResponse access, string user, string key) => (await SshClient.RunAsync(
        "ssh",
        [],
        [.. To(access, user), "-i", key, "-o", "IdentitiesOnly=yes", access.Host, "printf %s \"of $WORKSPACE\""])).Text;
}
