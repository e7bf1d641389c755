using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>From the end of a main process to the next one, with real supervisors and gateways that are killed.</summary>
public sealed class MainProcessLifeTests : FunctionalTest
{
    [Test]
    public async Task Create_WithoutACommand_IsALoginShellThatCanBeStartedAgainAfterItsEnd()
    {
        var created = (await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Spec = new SandboxSpec(),
            AwaitMainProcessAttachment = true,
        })).Sandbox;
        Assert.That((created.Spec.Command.Count, created.Spec.Tty, created.Spec.RestartPolicy), Is.EqualTo((0, true, SandboxRestartPolicy.Never)));
        var ready = await Gateway.WaitForPhaseAsync(created.Metadata.Name, SandboxPhase.Ready);
        Assert.That(ready.Status.MainProcessStartedTime, Is.Not.Null);
        await using var creator = await AttachAsync(ready, cols: 101, rows: 31);
        await creator.TypeAsync("echo \"size $(stty size)\"\n");
        await creator.SaysAsync("size 31 101");

        await creator.TypeAsync("exit 3\n");

        Assert.That((await creator.EndsAsync()).ExitCode, Is.EqualTo(3));
        var failed = await Gateway.WaitForPhaseAsync(created.Metadata.Name, SandboxPhase.Error);
        Assert.That((failed.Status.ExitCode, Ready(failed).Reason), Is.EqualTo((3, "MainProcessFailed")));
        var started = (await Gateway.Client.StartSandboxAsync(StartOf(failed))).Sandbox;
        Assert.That((started.Status.ExitCode, started.Status.MainProcessInstanceId), Is.EqualTo((3, ready.Status.MainProcessInstanceId)));
        var again = await Gateway.WaitForPhaseAsync(created.Metadata.Name, SandboxPhase.Ready);
        Assert.That(again.Status.HasExitCode, Is.False);
        Assert.That(again.Status.MainProcessInstanceId, Is.Not.EqualTo(ready.Status.MainProcessInstanceId));
    }

    // Reference 4.10 and 4.12.
    [Test]
    public async Task Completed_SessionIsThere_SshSessionsAreGivenAndCommandsAreNot()
    {
        var sandbox = await CreateAsync(SandboxRestartPolicy.Never, "true");
        var completed = await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Completed);
        Assert.That((completed.Status.HasExitCode, completed.Status.ExitCode, Ready(completed).Reason), Is.EqualTo((true, 0, "MainProcessCompleted")));

        var session = new CreateSshSessionRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name };
        await Eventually.BecomesTrueAsync(() => CanAsync(session), () => $"the session is there\n{Gateway.Log}");
        var granted = await Gateway.Client.CreateSshSessionAsync(session);
        var known = (await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name })).Sandbox;
        Assert.That(granted.HostKeyFingerprint, Does.StartWith("SHA256:").And.EqualTo(known.HostKeyFingerprint));
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.ExecAsync(
            new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Command = { "true" } }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
    }

    // Each boot writes a line. Between two of them the gateway is killed, and nothing is forgotten or counted twice.
    [Test]
    public async Task RestartPolicy_GatewayIsKilledMeanwhile_GoesOnAndEndsWithAStop()
    {
        var path = Directory.File("boots");
        var sandbox = await CreateAsync(SandboxRestartPolicy.Always, "/bin/sh", "-c", $"echo boot >>{path}; exit 1");
        await CountsAsync(sandbox, 1);

        await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error);
        await RestartGatewayAsync();

        await CountsAsync(sandbox, 2);
        await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error);
        var stopped = (await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name })).Sandbox;
        Assert.That((stopped.Status.Phase, stopped.Status.NextRestartTime), Is.EqualTo((SandboxPhase.Stopped, (Google.Protobuf.WellKnownTypes.Timestamp?)null)));
        Assert.That((await File.ReadAllLinesAsync(path)).Length, Is.EqualTo(stopped.Status.RestartCount + 1));
    }

    private Task CountsAsync(Sandbox sandbox, uint restarts) => Eventually.BecomesTrueAsync(
        async () => (await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name }))
            .Sandbox.Status.RestartCount >= restarts,
        () => $"the sandbox was started {restarts} times by its policy\n{Gateway.Log}");

    private async Task<bool> CanAsync(CreateSshSessionRequest request)
    {
        try
        {
            await Gateway.Client.CreateSshSessionAsync(request);
            return true;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            return false;
        }
    }

    private async Task<Sandbox> CreateAsync(SandboxRestartPolicy policy, params string[] command) => (await Gateway.Client.CreateSandboxAsync(
        new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec { Command = { command }, RestartPolicy = policy } })).Sandbox;

    private Task<AttachedClient> AttachAsync(Sandbox sandbox, uint cols, uint rows) => AttachedClient.OpenAsync(
        Gateway,
        sandbox.Metadata.Name,
        new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = sandbox.Metadata.Name, Attach = new MainProcessAttach(), Cols = cols, Rows = rows });

    private static StartSandboxRequest StartOf(Sandbox sandbox) => new() { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name };

    private static SandboxCondition Ready(Sandbox sandbox) => sandbox.Status.Conditions.Single(c => c.Type == "Ready");
}
