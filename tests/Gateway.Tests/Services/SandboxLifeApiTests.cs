using OpenShell.Gateway.Readiness;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using WirePhase = OpenShell.Protocol.V1.SandboxPhase;
using WirePolicy = OpenShell.Protocol.V1.SandboxRestartPolicy;

namespace OpenShell.Gateway.Services;

/// <summary>What answers say of the life of a sandbox.</summary>
internal sealed class SandboxLifeApiTests : ApiTest
{
    // Reference 4.8: the answer of a create.
    [Test]
    public async Task CreateSandbox_Answer_IsProvisioningWithItsAttempt()
    {
        var created = await CreateAsync("attempt", new SandboxSpec { Command = { "true" } });

        var attempt = created.Status.Provisioning;
        Assert.That((created.Status.Phase, created.Metadata.ResourceVersion), Is.EqualTo((WirePhase.Provisioning, 1UL)));
        Assert.That(Guid.TryParse(attempt.AttemptId, out _), Is.True);
        Assert.That(attempt.Deadline, Is.EqualTo(attempt.PreparationDeadline));
        Assert.That(attempt.Deadline.ToDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UtcNow.AddMinutes(14)));
        Assert.That((attempt.DriverOperationPending, attempt.DriverOperationId), Is.EqualTo((false, "")));
        Assert.That(attempt.TimeoutTime ?? attempt.AdmissionStartTime, Is.Null);
        Assert.That((created.Status.HasExitCode, created.Status.RestartCount), Is.EqualTo((false, 0u)));
        Assert.That(created.Status.NextRestartTime ?? created.Status.MainProcessStartedTime, Is.Null);
    }

    // Reference 4.8: an empty command is the login shell, with a terminal; an unspecified policy is NEVER.
    [Test]
    public async Task CreateSandbox_EmptyCommandAndNoPolicy_IsStoredAsWhatItMeans()
    {
        var created = await CreateAsync("shell", new SandboxSpec());

        Assert.That((created.Spec.Command.Count, created.Spec.Tty, created.Spec.RestartPolicy), Is.EqualTo((0, true, WirePolicy.Never)));
        var stored = (await Client.GetSandboxAsync(new GetSandboxRequest { Name = "shell", WorkspaceScope = Scope.Default })).Sandbox;
        Assert.That(stored.Spec, Is.EqualTo(created.Spec));
        Assert.That((await RecordAsync(created)).RestartPolicy, Is.EqualTo(Sandboxes.SandboxRestartPolicy.Never));
    }

    [Test]
    public async Task CreateSandbox_Policy_IsTheRecords()
    {
        var created = await CreateAsync("always", new SandboxSpec { Command = { "true" }, RestartPolicy = WirePolicy.Always });

        Assert.That((created.Spec.Tty, (await RecordAsync(created)).RestartPolicy), Is.EqualTo((false, Sandboxes.SandboxRestartPolicy.Always)));
    }

    [Test]
    public async Task CreateSandbox_CreatorWillAttach_TheDriverIsTold([Values] bool awaits)
    {
        var name = awaits ? "awaited" : "alone";
        await Client.CreateSandboxAsync(new CreateSandboxRequest
        {
            Name = name,
            WorkspaceScope = Scope.Default,
            Spec = new SandboxSpec(),
            AwaitMainProcessAttachment = awaits,
        });

        Assert.That(Driver.Created.Single(s => s.Name == name).Spec.AwaitMainProcessAttachment, Is.EqualTo(awaits));
    }

    // Reference 4.9: what a client sees while a policy waits.
    [Test]
    public async Task GetSandbox_PolicyWaits_SaysWhenAndHowOften()
    {
        var created = await CreateAsync("loop", new SandboxSpec { Command = { "false" }, RestartPolicy = WirePolicy.OnFailure });
        var readiness = Get<ReadinessController>();
        await readiness.ChangeAsync(
            created.Metadata.Id,
            r => r with { RestartCount = 20, HostKeyFingerprint = "SHA256:key", MainProcessStarted = SandboxRecords.Created },
            CancellationToken.None);
        await readiness.ChangeAsync(created.Metadata.Id, r => readiness.Life.Exited(r, "boot-1", 1, 3), CancellationToken.None);

        var sandbox = (await Client.GetSandboxAsync(new GetSandboxRequest { Name = "loop", WorkspaceScope = Scope.Default })).Sandbox;

        var status = sandbox.Status;
        Assert.That((status.Phase, status.ExitCode, status.MainProcessInstanceId), Is.EqualTo((WirePhase.Error, 3, "boot-1")));
        Assert.That(status.NextRestartTime.ToDateTimeOffset(), Is.GreaterThan(DateTimeOffset.UtcNow));
        Assert.That(status.Conditions.Single(c => c.Type == "Ready").Message, Does.StartWith("Main process exited with code 3; the restart policy starts it again at "));
        Assert.That(status.Provisioning.Deadline, Is.Null);
        Assert.That(sandbox.HostKeyFingerprint, Is.EqualTo("SHA256:key"));
        await Client.DeleteSandboxAsync(new DeleteSandboxRequest { Name = "loop", WorkspaceScope = Scope.Default });
    }

    private async Task<Sandbox> CreateAsync(string name, SandboxSpec spec) =>
        (await Client.CreateSandboxAsync(new CreateSandboxRequest { Name = name, WorkspaceScope = Scope.Default, Spec = spec })).Sandbox;

    private async Task<SandboxRecord> RecordAsync(Sandbox sandbox) =>
        (await Get<SandboxStore>().GetAsync(sandbox.Metadata.Id, CancellationToken.None))!;
}
