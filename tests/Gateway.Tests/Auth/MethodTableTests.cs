using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;

namespace OpenShell.Gateway.Auth;

internal sealed class MethodTableTests
{
    // The column "who may call" of the public wire contract.
    private const string Contract = """
        Health unauthenticated; GetCurrentUser bearer; GetGatewayInfo bearer; CreateSandbox bearer; GetSandbox bearer;
        ListSandboxes bearer; DeleteSandbox bearer; StopSandbox bearer; StartSandbox bearer; CreateSshSession bearer;
        ExposeService bearer; GetService bearer; ListServices bearer; DeleteService bearer; RevokeSshSession bearer;
        ExecSandbox bearer; ForwardTcp bearer; ExecSandboxInteractive bearer; GetSandboxConfig dual; GetGatewayConfig bearer;
        UpdateConfig dual; GetSandboxPolicyStatus bearer; ListSandboxPolicies bearer; ReportPolicyStatus sandbox;
        GetSandboxLogs bearer; PushSandboxLogs sandbox; ConnectSupervisor sandbox; ReportMainProcessExit sandbox;
        RelayStream sandbox; WatchSandbox bearer; IssueSandboxToken sandbox; RefreshSandboxToken sandbox;
        CreateWorkspace bearer; GetWorkspace bearer; ListWorkspaces bearer; DeleteWorkspace bearer
        """;

    private const string Unbuilt = """
        ListSandboxProviders AttachSandboxProvider DetachSandboxProvider CreateProvider GetProvider ListProviders
        ListProviderProfiles GetProviderProfile ImportProviderProfiles UpdateProviderProfiles LintProviderProfiles
        UpdateProvider GetProviderRefreshStatus ConfigureProviderRefresh RotateProviderCredential DeleteProviderRefresh
        DeleteProvider DeleteProviderProfile GetSandboxProviderEnvironment SubmitPolicyAnalysis GetDraftPolicy
        ApproveDraftChunk RejectDraftChunk ApproveAllDraftChunks EditDraftChunk UndoDraftChunk ClearDraftChunks
        GetDraftHistory AddWorkspaceMember RemoveWorkspaceMember ListWorkspaceMembers
        """;

    private static readonly TestCaseData[] Contracted =
    [
        .. Contract.Split(';', StringSplitOptions.TrimEntries).Select(e => e.Split(' ')).Select(e => new TestCaseData(e[0], e[1] switch
        {
            "unauthenticated" => MethodAccess.Anyone,
            "bearer" => MethodAccess.User,
            "sandbox" => MethodAccess.Sandbox,
            "dual" => MethodAccess.UserOrSandbox,
            _ => throw new ArgumentException(e[1]),
        })),
    ];

    [TestCaseSource(nameof(Contracted))]
    public void Find_MethodOfTheContract_HasItsAccess(string method, MethodAccess access) =>
        Assert.That(MethodTable.Find($"/openshell.v1.OpenShell/{method}"), Is.EqualTo(access));

    [Test]
    public void All_MethodsOfTheServiceDescriptors_HaveAnEntry()
    {
        var declared = new[] { Protocol.V1.OpenShell.Descriptor, Protocol.Extensions.V1.SshAccess.Descriptor, Health.Descriptor, ServerReflection.Descriptor, Grpc.Reflection.V1.ServerReflection.Descriptor }
            .SelectMany(s => s.Methods, (s, m) => $"/{s.FullName}/{m.Name}").ToList();

        Assert.That(declared, Is.Not.Empty);
        Assert.That(declared.Except(MethodTable.All.Keys), Is.Empty);
    }

    [Test]
    public void All_Entries_AreMethodsThatExist()
    {
        var known = new[] { Protocol.V1.OpenShell.Descriptor, Protocol.Extensions.V1.SshAccess.Descriptor, Health.Descriptor, ServerReflection.Descriptor, Grpc.Reflection.V1.ServerReflection.Descriptor }
            .SelectMany(s => s.Methods, (s, m) => $"/{s.FullName}/{m.Name}")
            .Concat(Unbuilt.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(m => $"/openshell.v1.OpenShell/{m}"));

        Assert.That(MethodTable.All.Keys, Is.EquivalentTo(known.Distinct()));
    }

    [Test]
    public void All_Unbuilt_NeedAPrincipal() => Assert.That(
        MethodTable.All.Where(e => e.Value == MethodAccess.Anyone).Select(e => e.Key),
        Is.EquivalentTo(new[] { "/openshell.v1.OpenShell/Health", "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch" }));

    [TestCase("")]
    [TestCase("/")]
    [TestCase("/openshell.v1.OpenShell/")]
    [TestCase("/openshell.v1.OpenShell/relaystream")]
    [TestCase("/openshell.v1.OpenShell/RelayStream/")]
    [TestCase("/openshell.compute.v1.ComputeDriver/CreateSandbox")]
    public void Find_AnythingElse_IsNull(string path) => Assert.That(MethodTable.Find(path), Is.Null);
}
