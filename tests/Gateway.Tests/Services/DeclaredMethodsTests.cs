using System.Reflection;
using Google.Protobuf.Reflection;
using Grpc.Core;
using OpenShell.Gateway.Auth;
using OpenShell.Protocol.Options.V1;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Services;

internal sealed class DeclaredMethodsTests
{
    // Method, who may call it, OIDC scope and least role, as the public wire contract has them.
    private const string Contract = """
        Health unauthenticated - -; GetCurrentUser bearer - -; GetGatewayInfo bearer config:read platform;
        CheckGatewayUpgrade bearer config:read platform; CreateSandbox bearer sandbox:write user;
        BeginRootfsTarStaging bearer sandbox:write user; GetSandbox bearer sandbox:read user; ListSandboxes bearer sandbox:read user;
        DeleteSandbox bearer sandbox:write user; StopSandbox bearer sandbox:write user; StartSandbox bearer sandbox:write user;
        CreateSandboxTemplate bearer sandbox:write admin; DeleteSandboxTemplate bearer sandbox:write admin;
        GetSandboxTemplate bearer sandbox:read user; ListSandboxTemplates bearer sandbox:read user;
        CreateSshSession bearer sandbox:write user; RevokeSshSession bearer sandbox:write user; ExposeService bearer sandbox:write user;
        DeleteService bearer sandbox:write user; GetService bearer sandbox:read user; ListServices bearer sandbox:read user;
        ExecSandbox bearer sandbox:write user; ExecSandboxInteractive bearer sandbox:write user; ForwardTcp bearer sandbox:write user;
        WatchSandbox bearer sandbox:read user; GetSandboxLogs bearer sandbox:read user; PushSandboxLogs sandbox - -;
        ConnectSupervisor sandbox - -; RelayStream sandbox - -; ReportMainProcessExit sandbox - -; FinalizeMainProcessExit sandbox - -;
        ReportPolicyStatus sandbox - -; ReportEndpointStatus sandbox - -; ReportProviderReadiness sandbox - -;
        ReportSandboxConfiguration sandbox - -; IssueSandboxToken sandbox - -; RefreshSandboxToken sandbox - -; PeerRelay peer - -;
        PeerReportProviderReadiness peer - -; PeerReportEndpointStatus peer - -; PeerGetSandboxProviderStatus peer - -;
        GetSandboxConfig dual config:read user; GetGatewayConfig bearer config:read -; UpdateConfig dual config:write admin;
        GetSandboxPolicyStatus bearer sandbox:read user; ListSandboxPolicies bearer sandbox:read user;
        CreateWorkspace bearer workspace:write platform; DeleteWorkspace bearer workspace:write platform;
        GetWorkspace bearer workspace:read user; ListWorkspaces bearer workspace:read user;
        AddWorkspaceMember bearer workspace:write admin; RemoveWorkspaceMember bearer workspace:write admin;
        ListWorkspaceMembers bearer workspace:read user; ListSandboxProviders bearer sandbox:read user;
        AttachSandboxProvider bearer sandbox:write user; DetachSandboxProvider bearer sandbox:write user;
        GetSandboxProviderStatus bearer sandbox:read user; GetProvider bearer provider:read user; ListProviders bearer provider:read user;
        CreateProvider bearer provider:write admin; UpdateProvider bearer provider:write admin;
        DeleteProvider bearer provider:write admin
        """;

    private static readonly MethodTable Table = DeclaredMethods.Table();

    private static readonly TestCaseData[] Contracted =
        [.. Contract.Split(';', StringSplitOptions.TrimEntries).Select(e => new TestCaseData(e.Split(' ')))];

    private static readonly MethodDescriptor[] Declared = [.. DeclaredMethods.Services.SelectMany(s => s.Methods)];

    [TestCaseSource(nameof(Contracted))]
    public void Authorization_MethodOfTheContract_IsTheContracts(string method, string mode, string scope, string role)
    {
        var rule = Protocol.V1.OpenShell.Descriptor.FindMethodByName(method).GetOptions().GetExtension(OptionsExtensions.Authorization);

        Assert.That(
            (rule.AuthMode, Or(rule.Scope, "-"), Or(Or(rule.WorkspaceRole, rule.GlobalRole), "-")), Is.EqualTo((mode, scope, role)));
    }

    [Test]
    public void Table_DeclaredMethods_AreAllThere()
    {
        Assert.That(Declared, Has.Length.GreaterThan(60));
        Assert.That(Declared.Select(DeclaredMethods.PathOf).Except(Table.All.Keys), Is.Empty);
    }

    [TestCase("GetSandbox", MethodAccess.User)]
    [TestCase("RelayStream", MethodAccess.Sandbox)]
    [TestCase("GetSandboxConfig", MethodAccess.UserOrSandbox)]
    [TestCase("PeerRelay", MethodAccess.Peer)]
    [TestCase("GetDraftPolicy", MethodAccess.UserOrSandbox)]
    [TestCase("GetSandboxProviderEnvironment", MethodAccess.Sandbox)]
    [TestCase("ImportProviderProfiles", MethodAccess.User)]
    public void Table_EachKindOfMethod_HasItsAccess(string method, MethodAccess access) =>
        Assert.That(Table.Find($"/openshell.v1.OpenShell/{method}"), Is.EqualTo(access));

    [Test]
    public void Table_MethodsForEverybody_AreTheseOnly() => Assert.That(
        Table.All.Where(e => e.Value == MethodAccess.Anyone).Select(e => e.Key),
        Is.EquivalentTo(new[] { "/openshell.v1.OpenShell/Health", "/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch" }));

    [TestCase("")]
    [TestCase("/")]
    [TestCase("/openshell.v1.OpenShell/")]
    [TestCase("/openshell.v1.OpenShell/relaystream")]
    [TestCase("/openshell.v1.OpenShell/RelayStream/")]
    [TestCase("/openshell.compute.v1.ComputeDriver/CreateSandbox")]
    public void Table_AnythingElse_IsNotThere(string path) => Assert.That(Table.Find(path), Is.Null);

    // Each method of the protos is served, or stands in the one table of those that are not.
    [Test]
    public void UnbuiltMethods_AndThoseThatAreServed_AreAllMethods()
    {
        var served = new[] { typeof(OpenShellService), typeof(ExecService), typeof(SshAccessService) }.SelectMany(ServedBy)
            .Concat([RelayWire.RelayStreamPath, RelayWire.ForwardTcpPath]).ToHashSet();
        var declared = Declared.Select(DeclaredMethods.PathOf).ToList();

        Assert.That(declared.Where(m => !served.Contains(m)), Is.EquivalentTo(UnbuiltMethods.All.Keys.Intersect(declared)));
        Assert.That(
            UnbuiltMethods.All.Keys.Except(declared), Is.EquivalentTo(UnbuiltMethods.KnownByNameOnly.Select(m => m.Key)));
    }

    [Test]
    public void UnbuiltMethods_Each_SaysWhichItIsAndWhatItWaitsFor()
    {
        foreach (var (path, reason) in UnbuiltMethods.All)
        {
            Assert.That(
                UnbuiltMethods.Find(path), Is.EqualTo($"{path.Split('/')[2]} is not built yet in this gateway: {reason}"));
        }

        Assert.That(UnbuiltMethods.Find("/openshell.v1.OpenShell/GetSandbox"), Is.Null);
    }

    private static IEnumerable<string> ServedBy(Type service)
    {
        var generated = service.BaseType!;
        var name = (string)generated.DeclaringType!.GetField("__ServiceName", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        return service.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(m => m.GetBaseDefinition().DeclaringType == generated && m.GetParameters()[^1].ParameterType == typeof(ServerCallContext))
            .Select(m => $"/{name}/{m.Name}");
    }

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
