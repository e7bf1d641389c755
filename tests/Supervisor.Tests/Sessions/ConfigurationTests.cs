using OpenShell.Protocol.Policies;
using OpenShell.Protocol.Relay;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using OpenShell.Supervisor.Tests.Gateway;

namespace OpenShell.Supervisor.Tests.Sessions;

/// <summary>What a supervisor does about its sandbox's configuration: it runs what the gateway admits, and says so.</summary>
public sealed class ConfigurationTests
{
    private static readonly SandboxPolicy Policy = new() { Version = 1, Filesystem = new FilesystemPolicy { ReadOnly = { "/" }, ReadWrite = { "/tmp" } } };

    [Test]
    public async Task Configuration_SameAsTheMachines_IsRegisteredAndAccepted()
    {
        // What is not for guests does not come with the machine.
        var policy = Policy.Clone();
        policy.NetworkPolicies.Add("web", new NetworkPolicyRule { Name = "web" });
        var config = Config(policy);
        config.ConfigurationInstanceId = "boot-0";
        await using var supervisor = await SupervisorProcess.StartAsync(c => c.Policy = Policy, gateway => gateway.Config = config);

        var pending = await NextAsync(supervisor);
        var accepted = await NextAsync(supervisor);

        Assert.Multiple(() =>
        {
            Assert.That((pending.SandboxId, pending.ExpectedInstanceId), Is.EqualTo(("sandbox-1", "boot-0")));
            Assert.That((pending.Admission.InstanceId, pending.Admission.State), Is.EqualTo(("boot-1", ConfigurationAdmissionState.Pending)));
            Assert.That(accepted.Admission, Is.EqualTo(new SandboxConfigurationAdmission
            {
                InstanceId = "boot-1",
                State = ConfigurationAdmissionState.Accepted,
                PolicyVersion = 1,
                PolicyHash = "hash",
                ConfigRevision = 3,
                ProviderEnvRevision = 4,
            }));
        });
        var status = await supervisor.Gateway.PolicyStatuses.Reader.ReadAsync().AsTask().WaitAsync(TestEngine.Timeout);
        Assert.That((status.Version, status.Status), Is.EqualTo((1u, PolicyStatus.Loaded)));
        Assert.That((await (await supervisor.Gateway.ExecAsync("true")).ReadToExitAsync()).Exit.Code, Is.Zero);
    }

    // A driver that drops the policy, say: the gateway says so, and what runs ends.
    [Test]
    public async Task Configuration_OtherThanTheMachines_IsRejectedAndNothingRunsAnyMore()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(
            c => c.Command.Add(["sleep", "infinity"]), gateway => gateway.Config = Config(Policy));

        await NextAsync(supervisor);
        var rejected = await NextAsync(supervisor);

        Assert.That(rejected.Admission.State, Is.EqualTo(ConfigurationAdmissionState.Rejected));
        Assert.That(rejected.Admission.Error, Does.Contain("is not the one that the gateway has for it"));
        await supervisor.Gateway.Reports.Reader.ReadAsync().AsTask().WaitAsync(TestEngine.Timeout);
        await AssertNothingStartsAsync(supervisor, "is not the one that the gateway has for it");
    }

    // Known before there is a connection: the main process must not run for a moment.
    [Test]
    public async Task MainProcess_TokenIsOfAnotherPolicy_DoesNotStart()
    {
        var token = TokenClaimsTests.Token($$"""{"policy_digest":"{{StaticPolicy.Digest(Policy)}}"}""");
        await using var supervisor = await SupervisorProcess.StartAsync(
            c =>
            {
                c.Command.Add(["sh", "-c", "exit 7"]);
                c.SandboxToken = token;
            },
            gateway => gateway.Config = Config(Policy));

        var report = await supervisor.Gateway.Reports.Reader.ReadAsync().AsTask().WaitAsync(TestEngine.Timeout);

        Assert.That(report.ExitCode, Is.Not.EqualTo(7).And.Not.Zero);
        await NextAsync(supervisor);
        Assert.That((await NextAsync(supervisor)).Admission.State, Is.EqualTo(ConfigurationAdmissionState.Rejected));
        await AssertNothingStartsAsync(supervisor, "is not the one that its token was made for");
    }

    [Test]
    public async Task MainProcess_TokenIsOfItsPolicyAndNoGateway_Runs()
    {
        var token = TokenClaimsTests.Token($$"""{"policy_digest":"{{StaticPolicy.Digest(null)}}"}""");
        await using var supervisor = await SupervisorProcess.StartAsync(
            c =>
            {
                c.Command.Add(["sh", "-c", "exit 7"]);
                c.SandboxToken = token;
            },
            gateway => gateway.Rejection = "not now");

        var report = await supervisor.Gateway.Reports.Reader.ReadAsync().AsTask().WaitAsync(TestEngine.Timeout);

        Assert.That(report.ExitCode, Is.EqualTo(7));
    }

    [Test]
    public async Task Hello_NextConnection_HasAHigherEpoch()
    {
        await using var supervisor = await SupervisorProcess.StartAsync();
        var first = await supervisor.Gateway.WaitForSessionAsync();
        first.End.TrySetResult();
        var second = await supervisor.Gateway.WaitForSessionAsync();

        Assert.That(first.Hello.ConnectionEpoch, Is.Positive);
        Assert.That(second.Hello.ConnectionEpoch, Is.GreaterThan(first.Hello.ConnectionEpoch));
    }

    [Test]
    public async Task Token_GatewayThatSendsNoneOverTheSession_IsAskedForOne()
    {
        await using var supervisor = await SupervisorProcess.StartAsync(prepare: gateway =>
        {
            gateway.UnknownFeatures = [RelayFeatures.TokenRenewal];
            gateway.Refresh = () => new RefreshSandboxTokenResponse { Token = "fresh" };
        });
        var session = await supervisor.Gateway.WaitForSessionAsync();
        while (session.Authorization != "Bearer fresh")
        {
            session.End.TrySetResult();
            session = await supervisor.Gateway.WaitForSessionAsync();
        }
    }

    private static GetSandboxConfigResponse Config(SandboxPolicy policy) => new()
    {
        Policy = policy,
        Version = 1,
        PolicyHash = "hash",
        ConfigRevision = 3,
        ProviderEnvRevision = 4,
    };

    private static Task<ReportSandboxConfigurationRequest> NextAsync(SupervisorProcess supervisor) =>
        supervisor.Gateway.Configurations.Reader.ReadAsync().AsTask().WaitAsync(TestEngine.Timeout);

    private static async Task AssertNothingStartsAsync(SupervisorProcess supervisor, string reason)
    {
        var outcome = await (await supervisor.Gateway.ExecAsync("true")).ReadToExitAsync();
        Assert.That(outcome.Exit.Message, Does.Contain(reason));
        Assert.That(outcome.Pid, Is.Zero, "it was never started");
    }
}
