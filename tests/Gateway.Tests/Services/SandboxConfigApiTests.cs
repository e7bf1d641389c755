using Google.Protobuf;
using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Logs;
using OpenShell.Gateway.Races;
using OpenShell.Gateway.Sandboxes;
using OpenShell.Gateway.Supervisors;
using OpenShell.Protocol.DataModel.V1;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.V1;
using OpenShell.TestKit;

namespace OpenShell.Gateway.Services;

/// <summary>GetSandboxConfig, ReportSandboxConfiguration and ReportPolicyStatus, as a supervisor calls them that nobody here wrote.</summary>
internal sealed class SandboxConfigApiTests : RaceTest
{
    private static readonly SandboxPolicy Policy = new()
    {
        Version = 1,
        Filesystem = new FilesystemPolicy { ReadWrite = { "/sandbox" } },
        NetworkPolicies = { ["web"] = new NetworkPolicyRule { Name = "web" } },
    };

    private SandboxConfigApi _api = null!;

    [SetUp]
    public async Task AddAsync()
    {
        var spec = new SandboxSpec { Policy = Policy }.ToByteArray();
        Assert.That(
            await Gateway.Sandboxes.CreateAsync(SandboxRecords.Create() with { Spec = spec }, CancellationToken.None), Is.EqualTo(Store.StoreOutcome.Done));
        Gateway.Events.Open("a");
        await Gateway.AddSandboxAsync("b");
        _api = new SandboxConfigApi(
            Gateway.Directory,
            new SupervisorAdmission(Gateway.Sandboxes, Gateway.Time),
            Gateway.Readiness,
            Gateway.Journal,
            Gateway.Time);
    }

    [Test]
    public async Task GetConfig_SandboxWithoutASelector_GetsItsOwn()
    {
        var config = await GetAsync("a", null, SandboxA());

        Assert.Multiple(() =>
        {
            Assert.That(config.Policy, Is.EqualTo(Policy));
            Assert.That((config.Version, config.ConfigRevision, config.PolicySource), Is.EqualTo((1u, 1ul, PolicySource.Sandbox)));
            Assert.That(config.PolicyHash, Does.Match("^[0-9a-f]{64}$"));
            Assert.That(config.Workspace, Is.EqualTo("default"));
            Assert.That(config.ConfigurationAdmitted, Is.False);
            Assert.That((config.ConfigurationInstanceId, config.ConfigurationError), Is.EqualTo(("", "")));
            Assert.That(config.Settings, Is.Empty);
        });
        Assert.That((await GetAsync("a", Scope.Default, SandboxA())).PolicyHash, Is.EqualTo(config.PolicyHash));
    }

    [Test]
    public async Task GetConfig_SandboxWithoutAPolicy_HasNone()
    {
        var config = await GetAsync("b", null, new SandboxPrincipal("b", 1, DateTimeOffset.MaxValue));

        Assert.That((config.Policy, config.Version, config.PolicyHash, config.ConfigRevision), Is.EqualTo(((SandboxPolicy?)null, 0u, "", 1ul)));
    }

    // Names that exist, that do not, and an id as a supervisor of 0.0.x sends it: one answer.
    [TestCase("b")]
    [TestCase("nobody")]
    [TestCase("4b1c4f3e-7a43-4a57-9d0c-1f7a4f3d2f10")]
    public Task GetConfig_SandboxNamesAnother_IsPermissionDenied(string name) =>
        AssertRefusedAsync(() => GetAsync(name, null, SandboxA()), StatusCode.PermissionDenied, "sandbox not found or not owned by caller");

    [Test]
    public Task GetConfig_SandboxNamesItselfInAnotherWorkspace_IsPermissionDenied() => AssertRefusedAsync(
        () => GetAsync("a", new WorkspaceSelector { Workspace = "team" }, SandboxA()),
        StatusCode.PermissionDenied,
        "sandbox not found or not owned by caller");

    [Test]
    public async Task GetConfig_User_NeedsASelector()
    {
        var user = new UserPrincipal("admin", "token");
        Assert.That((await GetAsync("a", Scope.Default, user)).Policy, Is.EqualTo(Policy));
        await AssertRefusedAsync(() => GetAsync("a", null, user), StatusCode.InvalidArgument, "workspace_scope is required");
        await AssertRefusedAsync(() => GetAsync("nobody", Scope.Default, user), StatusCode.NotFound, "sandbox not found");
    }

    [TestCase(true)]
    [TestCase(false)]
    public Task GetConfig_NoName_IsAnInvalidArgument(bool sandbox) => AssertRefusedAsync(
        () => GetAsync("", Scope.Default, sandbox ? SandboxA() : new UserPrincipal("admin", "token")), StatusCode.InvalidArgument, "sandbox is required");

    [Test]
    public async Task ReportConfiguration_AsTheReferenceHasIt_IsAdmittedAndShown()
    {
        Assert.That(await StatusAsync(), Is.EqualTo((ConfigurationAdmissionState.Pending, false)), "before anybody reports");
        var config = await GetAsync("a", null, SandboxA());
        var admission = new SandboxConfigurationAdmission { InstanceId = "s1", State = ConfigurationAdmissionState.Pending };
        await ReportAsync(admission, config.ConfigurationInstanceId);
        Assert.That((await GetAsync("a", null, SandboxA())).ConfigurationAdmitted, Is.False);

        admission.State = ConfigurationAdmissionState.Accepted;
        admission.PolicyVersion = config.Version;
        admission.PolicyHash = config.PolicyHash;
        admission.ConfigRevision = config.ConfigRevision;
        await ReportAsync(admission, config.ConfigurationInstanceId);

        config = await GetAsync("a", null, SandboxA());
        Assert.That((config.ConfigurationAdmitted, config.ConfigurationInstanceId), Is.EqualTo((true, "s1")));
        Assert.That(await StatusAsync(), Is.EqualTo((ConfigurationAdmissionState.Accepted, true)));
        Assert.That((await Gateway.GetAsync()).ToMessage().Status.ConfigurationAdmission, Is.EqualTo(admission));
        Assert.That(Lines(), Has.Some.EqualTo("configuration accepted by s1"));
    }

    [Test]
    public async Task ReportConfiguration_Rejected_IsShownWithTheErrorAndNotReady()
    {
        var config = await GetAsync("a", null, SandboxA());
        await ReportAsync(new SandboxConfigurationAdmission { InstanceId = "s1", State = ConfigurationAdmissionState.Pending }, "");
        await ReportAsync(
            new SandboxConfigurationAdmission
            {
                InstanceId = "s1",
                State = ConfigurationAdmissionState.Rejected,
                PolicyVersion = config.Version,
                PolicyHash = config.PolicyHash,
                ConfigRevision = config.ConfigRevision,
                Error = "no Landlock here",
            },
            "");

        config = await GetAsync("a", null, SandboxA());
        Assert.That((config.ConfigurationAdmitted, config.ConfigurationError), Is.EqualTo((false, "no Landlock here")));
        var supervisor = Gateway.Dial();
        await supervisor.AcceptedAsync();
        await Eventually.BecomesTrueAsync(
            async () => (await Gateway.GetAsync()).Ready?.Reason == "ConfigurationRejected", () => "the sandbox says why it is not ready");
        Assert.That((await Gateway.GetAsync()).Phase, Is.EqualTo(Sandboxes.SandboxPhase.Provisioning));
    }

    // While a report is decided, another boot begins.
    [Test]
    public async Task ReportConfiguration_BootEndsMeanwhile_IsRefused()
    {
        Gateway.Store.AfterGet = async () =>
        {
            Gateway.Store.AfterGet = null;
            await Gateway.Sandboxes.UpdateAsync(await Gateway.GetAsync() with { BootEpoch = 2, Run = 2 }, CancellationToken.None);
        };

        await AssertRefusedAsync(
            () => ReportAsync(new SandboxConfigurationAdmission { InstanceId = "s1", State = ConfigurationAdmissionState.Pending }, ""),
            StatusCode.FailedPrecondition,
            "boot epoch 1 is over");
        Assert.That((await Gateway.GetAsync()).Admission, Is.Null);
    }

    [TestCase("", "s1", ConfigurationAdmissionState.Pending, StatusCode.InvalidArgument, "sandbox_id is required")]
    [TestCase("b", "s1", ConfigurationAdmissionState.Pending, StatusCode.PermissionDenied, "cross-sandbox access denied")]
    [TestCase("a", "", ConfigurationAdmissionState.Pending, StatusCode.InvalidArgument, "admission.instance_id is required")]
    [TestCase("a", "s1", ConfigurationAdmissionState.Unspecified, StatusCode.InvalidArgument, "admission.state 0 is none of")]
    [TestCase("a", "s1", (ConfigurationAdmissionState)9, StatusCode.InvalidArgument, "admission.state 9 is none of")]
    public Task ReportConfiguration_WrongRequest_IsRefused(
        string sandboxId, string instance, ConfigurationAdmissionState state, StatusCode code, string message) => AssertRefusedAsync(
        () => _api.ReportAsync(
            new ReportSandboxConfigurationRequest
            {
                SandboxId = sandboxId,
                Admission = new SandboxConfigurationAdmission { InstanceId = instance, State = state },
            },
            new FakeServerCall(SandboxA())),
        code,
        message);

    [Test]
    public Task ReportConfiguration_NoAdmission_IsAnInvalidArgument() => AssertRefusedAsync(
        () => _api.ReportAsync(new ReportSandboxConfigurationRequest { SandboxId = "a" }, new FakeServerCall(SandboxA())),
        StatusCode.InvalidArgument,
        "admission is required");

    [Test]
    public async Task ReportPolicy_Loaded_IsTheCurrentVersion()
    {
        await ReportPolicyAsync(1, PolicyStatus.Loaded);

        Assert.That((await Gateway.GetAsync()).ToMessage().Status.CurrentPolicyVersion, Is.EqualTo(1));
    }

    [Test]
    public async Task ReportPolicy_Failed_IsInTheLogOfTheSandbox()
    {
        await ReportPolicyAsync(1, PolicyStatus.Failed, "line 1\nline 2");

        Assert.That((await Gateway.GetAsync()).LoadedPolicyVersion, Is.Zero);
        Assert.That(Lines(), Has.Some.Contains("could not load version 1 of the policy: line 1 line 2"));
    }

    [TestCase(2u, PolicyStatus.Loaded, StatusCode.FailedPrecondition, "version 2 is not what is configured (1)")]
    [TestCase(1u, PolicyStatus.Unspecified, StatusCode.InvalidArgument, "status 0 is none of")]
    public Task ReportPolicy_WrongRequest_IsRefused(uint version, PolicyStatus status, StatusCode code, string message) =>
        AssertRefusedAsync(() => ReportPolicyAsync(version, status), code, message);

    private static SandboxPrincipal SandboxA() => new("a", 1, DateTimeOffset.MaxValue);

    private static async Task AssertRefusedAsync(Func<Task> call, StatusCode code, string message)
    {
        var e = await Assert.ThrowsAsync<RpcException>(() => call());
        Assert.That(e!.StatusCode, Is.EqualTo(code));
        Assert.That(e.Status.Detail, Does.Contain(message));
    }

    private Task<GetSandboxConfigResponse> GetAsync(string name, WorkspaceSelector? scope, Principal principal) =>
        _api.GetAsync(new GetSandboxConfigRequest { Name = name, WorkspaceScope = scope }, new FakeServerCall(principal));

    private Task ReportAsync(SandboxConfigurationAdmission admission, string expected) => _api.ReportAsync(
        new ReportSandboxConfigurationRequest { SandboxId = "a", Admission = admission, ExpectedInstanceId = expected }, new FakeServerCall(SandboxA()));

    private Task ReportPolicyAsync(uint version, PolicyStatus status, string error = "") => _api.ReportPolicyAsync(
        new ReportPolicyStatusRequest { SandboxId = "a", Version = version, Status = status, LoadError = error }, new FakeServerCall(SandboxA()));

    private async Task<(ConfigurationAdmissionState State, bool Activated)> StatusAsync()
    {
        var status = (await Gateway.GetAsync()).ToMessage().Status;
        Assert.That(status.HasConfigurationActivated, Is.True);
        return (status.ConfigurationAdmission.State, status.ConfigurationActivated);
    }

    private IEnumerable<string> Lines() => Gateway.Events.Tail("a", LogFilter.All, 100).Lines.Select(l => l.Message);
}
