using Grpc.Core;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Functional;

/// <summary>The life of sandboxes as clients see it.</summary>
public sealed class SandboxTests : FunctionalTest
{
    [Test]
    public async Task Create_Answer_IsProvisioningWithTwoLowerCaseWords()
    {
        var created = (await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() })).Sandbox;
        Assert.That(created.Status.Phase, Is.EqualTo(SandboxPhase.Provisioning));
        Assert.That(created.Metadata.Name, Does.Match("^[a-z]+-[a-z]+$"));
        Assert.That(created.Metadata.ResourceVersion, Is.EqualTo(1));
        var ready = await Gateway.WaitForPhaseAsync(created.Metadata.Name, SandboxPhase.Ready);
        Assert.That(ready.Status.Conditions.Single(c => c.Type == "Ready").Reason, Is.EqualTo("DependenciesReady"));
    }

    [Test]
    public async Task Create_DriverRefuses_NothingIsLeft()
    {
        Driver.Service.CreateFailure = new Status(StatusCode.FailedPrecondition, "no image 'x'");
        var e = await Assert.ThrowsAsync<RpcException>(async () => await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.FailedPrecondition));
        Assert.That(e!.Status.Detail, Is.EqualTo("no image 'x'"));
        Assert.That((await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default })).Sandboxes, Is.Empty);
    }

    [TestCase("Bad_Name", "name must contain only lowercase alphanumeric characters or hyphens")]
    [TestCase("a--b", "name must not contain consecutive hyphens")]
    [TestCase("-a", "name must not start or end with a hyphen")]
    [TestCase("twenty-characters-xx", "name exceeds maximum length (20 > 19)")]
    public async Task Create_BadName_InvalidArgumentThatSaysTheRule(string name, string rule)
    {
        var e = await Assert.ThrowsAsync<RpcException>(
            async () => await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Name = name }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(e!.Status.Detail, Is.EqualTo(rule));
    }

    [Test]
    public async Task Create_NameTwice_AlreadyExists()
    {
        await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Name = "twin" });
        var e = await Assert.ThrowsAsync<RpcException>(
            async () => await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Name = "twin" }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.AlreadyExists));
    }

    [Test]
    public async Task Delete_Ready_IsGoneWithItsMachine()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var deleted = await Gateway.Client.DeleteSandboxAsync(new DeleteSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });
        Assert.That(deleted.Outcome, Is.EqualTo(DeletionOutcome.Completed));
        Assert.That(Driver.Service.Count, Is.Zero);
        var e = await Assert.ThrowsAsync<RpcException>(
            async () => await Gateway.Client.GetSandboxAsync(new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.NotFound));
    }

    [Test]
    public async Task List_LimitZero_IsTheDefaultAndLabelsSelect()
    {
        await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Name = "one", Labels = { ["team"] = "red" } });
        await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec(), Name = "two", Labels = { ["team"] = "blue" } });
        var all = await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default });
        var red = await Gateway.Client.ListSandboxesAsync(new ListSandboxesRequest { WorkspaceScope = Scope.Default, LabelSelector = "team=red" });
        Assert.That(all.Sandboxes.Select(s => s.Metadata.Name), Is.EqualTo(new[] { "one", "two" }));
        Assert.That(red.Sandboxes.Select(s => s.Metadata.Name), Is.EqualTo(new[] { "one" }));
    }

    [Test]
    public async Task Supervisor_KilledAndBack_PhaseFollows()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        Driver.Service.Machine(sandbox.Metadata.Id).Kill();
        var lost = await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Provisioning);
        Assert.That(lost.Status.Conditions.Single(c => c.Type == "Ready").Reason, Is.EqualTo("SupervisorNotConnected"));
    }

    [Test]
    public async Task StopAndStart_Ready_ComesBackWithAnotherInstance()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        var stopped = await Gateway.Client.StopSandboxAsync(new StopSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });
        Assert.That(stopped.Sandbox.Status.Phase, Is.EqualTo(SandboxPhase.Stopped));
        var started = await Gateway.Client.StartSandboxAsync(new StartSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name });
        Assert.That(started.Sandbox.Status.Phase, Is.EqualTo(SandboxPhase.Starting));
        var ready = await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Ready);
        Assert.That(ready.Status.MainProcessInstanceId, Is.Not.EqualTo(sandbox.Status.MainProcessInstanceId));
    }

    [Test]
    public async Task Driver_ReportsTerminalFailure_SandboxIsInError()
    {
        var sandbox = await Gateway.CreateReadyAsync();
        Driver.Service.ReportFailure(sandbox.Metadata.Id, "ProcessExited", "VM process exited");
        var failed = await Gateway.WaitForPhaseAsync(sandbox.Metadata.Name, SandboxPhase.Error);
        Assert.That(failed.Status.Conditions.Single(c => c.Type == "Ready").Message, Is.EqualTo("VM process exited"));
    }

    [Test]
    public async Task Watch_FromCreateToReady_EndsOnReady()
    {
        var created = (await Gateway.Client.CreateSandboxAsync(new CreateSandboxRequest { WorkspaceScope = Scope.Default, Spec = new SandboxSpec() })).Sandbox;
        using var watch = Gateway.Client.WatchSandbox(new WatchSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = created.Metadata.Name,
            FollowStatus = true,
            StopOnTerminal = true,
        });
        var phases = new List<SandboxPhase>();
        await foreach (var next in watch.ResponseStream.ReadAllAsync())
        {
            phases.Add(next.Sandbox.Status.Phase);
        }

        Assert.That(phases[^1], Is.EqualTo(SandboxPhase.Ready));
    }

    [Test]
    public void Unauthenticated_Caller_IsRefusedExceptForHealth()
    {
        using var channel = Gateway.AnonymousChannel();
        var client = new Api.OpenShellClient(channel);
        Assert.That(client.Health(new HealthRequest()).Status, Is.EqualTo(ServiceStatus.Healthy));
        var e = Assert.Throws<RpcException>(() => client.ListSandboxes(new ListSandboxesRequest { WorkspaceScope = Scope.Default }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.Unauthenticated));
    }

    [Test]
    public void User_CallsASandboxMethod_PermissionDenied()
    {
        var e = Assert.Throws<RpcException>(() => Gateway.Client.ReportMainProcessExit(new ReportMainProcessExitRequest()));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
        Assert.That(e!.Status.Detail, Is.EqualTo("this method requires a sandbox principal"));
    }

    [Test]
    public async Task Secrets_TokenAndEnvironment_AreInNoLogArgvOrEnvironment()
    {
        const string Secret = "s3cret-value-of-a-user";
        var sandbox = await Gateway.CreateReadyAsync(new SandboxSpec { Environment = { ["API_KEY"] = Secret } });
        var outcome = await Gateway.ExecAsync(new ExecSandboxRequest
        {
            WorkspaceScope = Scope.Default,
            Sandbox = sandbox.Metadata.Name,
            Command = { "/bin/sh", "-c", "printf %s \"$API_KEY\"" },
        });
        Assert.That(outcome.Text, Is.EqualTo(Secret));
        Assert.That(Gateway.Log, Does.Not.Contain(Secret).And.Not.Contain("eyJ"));
        Assert.That(Driver.Service.Machine(sandbox.Metadata.Id).Console, Does.Not.Contain(Secret).And.Not.Contain("eyJ"));
        var supervisor = Driver.Service.Machine(sandbox.Metadata.Id).SupervisorPid;
        Assert.That(await File.ReadAllTextAsync($"/proc/{supervisor}/cmdline"), Does.Not.Contain("eyJ").And.Not.Contain(Secret));
        Assert.That(await File.ReadAllTextAsync($"/proc/{supervisor}/environ"), Does.Not.Contain("eyJ").And.Not.Contain(Secret));
    }
}
