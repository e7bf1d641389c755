using System.Collections.Frozen;

namespace OpenShell.Gateway.Auth;

/// <summary>Who may call a method.</summary>
internal enum MethodAccess
{
    /// <summary>Everybody.</summary>
    Anyone,

    /// <summary>Users.</summary>
    User,

    /// <summary>Supervisors, for their own sandbox.</summary>
    Sandbox,

    /// <summary>Both.</summary>
    UserOrSandbox,
}

/// <summary>
/// Who may call each method. The one place where that is declared: a method that is not here is refused, and a test
/// compares the table with the protos.
/// </summary>
internal static class MethodTable
{
    private const string Api = "/openshell.v1.OpenShell/";

    private static readonly FrozenDictionary<string, MethodAccess> Access = Build();

    /// <summary>All methods by path.</summary>
    public static IReadOnlyDictionary<string, MethodAccess> All => Access;

    /// <summary>Who may call the method with this path; null if there is none.</summary>
    public static MethodAccess? Find(string path) => Access.TryGetValue(path, out var access) ? access : null;

    private static FrozenDictionary<string, MethodAccess> Build()
    {
        var table = new Dictionary<string, MethodAccess>();
        Add(MethodAccess.Anyone, Api, "Health");
        Add(MethodAccess.Anyone, "/grpc.health.v1.Health/", "Check", "Watch");
        // What there is, for grpcurl and its like.
        Add(MethodAccess.User, "/grpc.reflection.v1.ServerReflection/", "ServerReflectionInfo");
        Add(MethodAccess.User, "/grpc.reflection.v1alpha.ServerReflection/", "ServerReflectionInfo");
        Add(
            MethodAccess.Sandbox, Api,
            "ConnectSupervisor", "RelayStream", "ReportMainProcessExit", "PushSandboxLogs", "ReportPolicyStatus",
            "IssueSandboxToken", "RefreshSandboxToken");
        Add(MethodAccess.UserOrSandbox, Api, "GetSandboxConfig", "UpdateConfig");
        Add(
            MethodAccess.User, Api,
            "GetCurrentUser", "GetGatewayInfo", "CreateSandbox", "GetSandbox", "ListSandboxes", "DeleteSandbox",
            "StopSandbox", "StartSandbox", "CreateSshSession", "RevokeSshSession", "ExposeService", "GetService",
            "ListServices", "DeleteService", "ExecSandbox", "ExecSandboxInteractive", "ForwardTcp", "GetGatewayConfig",
            "GetSandboxPolicyStatus", "ListSandboxPolicies", "GetSandboxLogs", "WatchSandbox", "CreateWorkspace",
            "GetWorkspace", "ListWorkspaces", "DeleteWorkspace");
        // Methods of OpenShell that are not built: known users are told UNIMPLEMENTED, others what they lack.
        Add(
            MethodAccess.User, Api,
            "ListSandboxProviders", "AttachSandboxProvider", "DetachSandboxProvider", "CreateProvider", "GetProvider",
            "ListProviders", "ListProviderProfiles", "GetProviderProfile", "ImportProviderProfiles",
            "UpdateProviderProfiles", "LintProviderProfiles", "UpdateProvider", "GetProviderRefreshStatus",
            "ConfigureProviderRefresh", "RotateProviderCredential", "DeleteProviderRefresh", "DeleteProvider",
            "DeleteProviderProfile", "ApproveDraftChunk", "RejectDraftChunk", "ApproveAllDraftChunks", "EditDraftChunk",
            "UndoDraftChunk", "ClearDraftChunks", "GetDraftHistory", "AddWorkspaceMember", "RemoveWorkspaceMember",
            "ListWorkspaceMembers");
        Add(
            MethodAccess.User, "/openshell.extensions.v1.SshAccess/",
            "CreateSshAccess", "ListSshAccess", "RevokeSshAccess", "AddSshKey", "ListSshKeys", "RemoveSshKey");
        Add(MethodAccess.Sandbox, Api, "GetSandboxProviderEnvironment", "SubmitPolicyAnalysis");
        Add(MethodAccess.UserOrSandbox, Api, "GetDraftPolicy");
        return table.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(MethodAccess access, string service, params ReadOnlySpan<string> methods)
        {
            foreach (var method in methods)
            {
                table.Add(service + method, access);
            }
        }
    }
}
