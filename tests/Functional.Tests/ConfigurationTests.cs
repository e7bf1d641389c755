using Grpc.Core;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;
using Api = OpenShell.Protocol.V1.OpenShell;

namespace OpenShell.Functional;

/// <summary>A sandbox's configuration between the gateway and a real supervisor, and as another supervisor would ask for it.</summary>
public sealed class ConfigurationTests : FunctionalTest
{
    private static readonly SandboxSpec Spec = new()
    {
        Policy = new SandboxPolicy
        {
            Version = 1,
            Process = new ProcessPolicy { RunAsUser = "nobody" },
            NetworkPolicies = { ["web"] = new NetworkPolicyRule { Name = "web" } },
        },
    };

    [Test]
    public async Task Create_RealSupervisor_AcceptsTheConfigurationAndItIsShown()
    {
        var sandbox = await Gateway.CreateReadyAsync(Spec);
        var status = sandbox.Status;
        await Eventually.BecomesTrueAsync(
            async () => (status = (await GetAsync(sandbox)).Status) is { ConfigurationActivated: true, CurrentPolicyVersion: 1 },
            () => $"the configuration is accepted: {status}");

        var config = await Gateway.Client.GetSandboxConfigAsync(
            new GetSandboxConfigRequest { Name = sandbox.Metadata.Name, WorkspaceScope = Scope.Default });
        Assert.Multiple(() =>
        {
            Assert.That(config.Policy, Is.EqualTo(Spec.Policy));
            Assert.That(config.ConfigurationAdmitted, Is.True);
            Assert.That(config.ConfigurationInstanceId, Is.EqualTo(status.MainProcessInstanceId));
            Assert.That(status.ConfigurationAdmission.State, Is.EqualTo(ConfigurationAdmissionState.Accepted));
            Assert.That(status.ConfigurationAdmission.PolicyHash, Is.EqualTo(config.PolicyHash));
        });
    }

    [Test]
    public async Task GetConfig_TokenOfASandbox_GetsItsOwnWithoutASelectorAndNoOther()
    {
        var sandbox = await Gateway.CreateReadyAsync(Spec);
        var other = await Gateway.CreateReadyAsync();
        using var channel = SupervisorChannel();
        var client = new Api.OpenShellClient(channel);

        var own = await client.GetSandboxConfigAsync(new GetSandboxConfigRequest { Name = sandbox.Metadata.Name }, TokenOf(sandbox));
        Assert.That((own.Policy, own.Workspace), Is.EqualTo((Spec.Policy, "default")));

        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.GetSandboxConfigAsync(new GetSandboxConfigRequest { Name = other.Metadata.Name }, TokenOf(sandbox)));
        Assert.That(
            (e!.StatusCode, e.Status.Detail), Is.EqualTo((StatusCode.PermissionDenied, "sandbox not found or not owned by caller")));
    }

    [Test]
    public async Task ReportConfiguration_User_IsPermissionDenied()
    {
        var e = await Assert.ThrowsAsync<RpcException>(async () =>
            await Gateway.Client.ReportSandboxConfigurationAsync(new ReportSandboxConfigurationRequest { SandboxId = "a" }));
        Assert.That(e!.StatusCode, Is.EqualTo(StatusCode.PermissionDenied));
    }

    private async Task<Sandbox> GetAsync(Sandbox sandbox) => (await Gateway.Client.GetSandboxAsync(
        new GetSandboxRequest { WorkspaceScope = Scope.Default, Name = sandbox.Metadata.Name })).Sandbox;
}
