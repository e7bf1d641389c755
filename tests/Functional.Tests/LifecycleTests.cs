using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Functional;

/// <summary>Stop, start and delete of sandboxes in every state that they get into, with real supervisors.</summary>
public sealed class LifecycleTests : FunctionalTest
{
    private Sandbox _sandbox = null!;

    private string Name => _sandbox.Metadata.Name;

    private NamespacedSupervisor Machine => Driver.Service.Machine(_sandbox.Metadata.Id);

    protected override string[] GatewayArguments => ["--heartbeat-interval", "1"];

    [Test]
    public async Task StopAndStart_FromEveryState_IsReadyAgain(
        [Values("ready", "frozen", "without supervisor", "failed", "main process failed", "stopped")] string state, [Values] bool force)
    {
        await BringAsync(state);

        var stopped = await StopBoxAsync(force);
        Assert.That(stopped.Status.Phase, Is.EqualTo(SandboxPhase.Stopped));
        Assert.That(Machine.IsRunning, Is.False);

        await StartBoxAsync();
        await AssertRunsAsync();
    }

    [Test]
    public async Task Start_FromEveryState_IsReadyAgain([Values("ready", "failed", "main process failed", "stopped")] string state)
    {
        await BringAsync(state);

        await StartBoxAsync();

        await AssertRunsAsync();
    }

    [Test]
    public async Task Delete_FromEveryState_LeavesNothing(
        [Values("ready", "frozen", "without supervisor", "failed", "main process failed", "stopped", "stopping")] string state)
    {
        await BringAsync(state);

        Assert.That((await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = Name })).Outcome, Is.EqualTo(DeletionOutcome.Completed));

        Assert.That(Driver.Service.Count, Is.Zero);
        Assert.That((await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes, Is.Empty);
    }

    [Test]
    public async Task Stop_GuestDoesNotAnswer_ForceOvertakesIt()
    {
        await BringAsync("stopping");

        Assert.That((await StopBoxAsync(force: true)).Status.Phase, Is.EqualTo(SandboxPhase.Stopped));

        Driver.Service.BeforeStop = null;
        await StartBoxAsync();
        await AssertRunsAsync();
    }

    [Test]
    public async Task Gateway_KilledInTheMiddleOfAStop_FinishesItAfterwards()
    {
        await BringAsync("stopping");
        Driver.Service.BeforeStop = null;

        await RestartGatewayAsync();

        await Gateway.WaitForPhaseAsync(Name, SandboxPhase.Stopped);
        await StartBoxAsync();
        await AssertRunsAsync();
    }

    [Test]
    public async Task StopsAndStarts_ManyAtOnce_EndWithWhatTheLastSays()
    {
        await BringAsync("ready");

        await Task.WhenAll(Enumerable.Range(0, 12).Select(i => i % 3 == 0 ? StartBoxAsync() : StopBoxAsync(force: i % 3 == 1)));

        await StopBoxAsync(force: false);
        await StartBoxAsync();
        await AssertRunsAsync();
    }

    private async Task BringAsync(string state)
    {
        _sandbox = await Gateway.CreateReadyAsync(
            state == "main process failed" ? new SandboxSpec { Command = { "/bin/sh", "-c", "sleep 1; exit 3" } } : new SandboxSpec());
        switch (state)
        {
            case "frozen":
                Machine.Signal("STOP");
                await Gateway.WaitForPhaseAsync(Name, SandboxPhase.Provisioning);
                break;
            case "without supervisor":
                Machine.Kill();
                await Gateway.WaitForPhaseAsync(Name, SandboxPhase.Provisioning);
                break;
            case "failed":
                Driver.Service.ReportFailure(_sandbox.Metadata.Id, "ProcessExited", "VM process exited");
                await Gateway.WaitForPhaseAsync(Name, SandboxPhase.Error);
                break;
            case "main process failed":
                await Gateway.WaitForPhaseAsync(Name, SandboxPhase.Error);
                break;
            case "stopped":
                await StopBoxAsync(force: false);
                break;
            case "stopping":
                // Until its machine is killed.
                Driver.Service.BeforeStop = machine => Eventually.BecomesTrueAsync(() => !machine.IsRunning, "somebody kills the machine");
                _ = IgnoreAsync(StopBoxAsync(force: false));
                await Gateway.WaitForPhaseAsync(Name, SandboxPhase.Stopping);
                break;
        }
    }

    private async Task<Sandbox> StopBoxAsync(bool force) =>
        (await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = Name, Force = force })).Sandbox;

    private async Task<Sandbox> StartBoxAsync() => (await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = Name })).Sandbox;

    private async Task AssertRunsAsync()
    {
        await Gateway.WaitForPhaseAsync(Name, SandboxPhase.Ready);
        var outcome = await Gateway.ExecAsync(new ExecSandboxRequest { WorkspaceScope = Scope.Default, Sandbox = _sandbox.Metadata.Name, Command = { "/bin/sh", "-c", "echo runs" } });
        Assert.That(outcome.Text, Is.EqualTo("runs\n"));
    }

    // The gateway or the sandbox goes while it waits.
    private static async Task IgnoreAsync(Task stopping)
    {
        try
        {
            await stopping;
        }
        catch (RpcException)
        {
        }
    }
}
