using System.Collections.Frozen;
using OpenShell.Gateway.Auth;

namespace OpenShell.Gateway.Services;

/// <summary>
/// The methods of OpenShell that this gateway does not serve, and what each waits for. A test keeps it: a method of the
/// protos is served, or it is here.
/// </summary>
internal static class UnbuiltMethods
{
    private const string Api = "/openshell.v1.OpenShell/";

    private static readonly FrozenDictionary<string, string> Reasons = Build();

    /// <summary>Methods that OpenShell has and whose messages are not known here: by name, with who may call them there.</summary>
    public static IEnumerable<KeyValuePair<string, MethodAccess>> KnownByNameOnly =>
    [
        .. Named(
            MethodAccess.User,
            "ListProviderProfiles", "GetProviderProfile", "LintProviderProfiles", "GetProviderRefreshStatus", "ImportProviderProfiles",
            "UpdateProviderProfiles", "DeleteProviderProfile", "ConfigureProviderRefresh", "RotateProviderCredential",
            "DeleteProviderRefresh", "GetDraftHistory", "ApproveDraftChunk", "RejectDraftChunk", "ApproveAllDraftChunks",
            "EditDraftChunk", "UndoDraftChunk", "ClearDraftChunks"),
        .. Named(MethodAccess.Sandbox, "GetSandboxProviderEnvironment", "ExchangeProviderSubjectToken", "SubmitPolicyAnalysis"),
        .. Named(MethodAccess.UserOrSandbox, "GetDraftPolicy"),
    ];

    /// <summary>All of them by path, with what they wait for.</summary>
    public static IReadOnlyDictionary<string, string> All => Reasons;

    /// <summary>What a caller is told; null: it is served, or there is no such method.</summary>
    public static string? Find(string path) => Reasons.TryGetValue(path, out var reason)
        ? $"{path[(path.LastIndexOf('/') + 1)..]} is not built yet in this gateway: {reason}"
        : null;

    private static KeyValuePair<string, MethodAccess>[] Named(MethodAccess access, params ReadOnlySpan<string> methods)
    {
        var named = new KeyValuePair<string, MethodAccess>[methods.Length];
        for (var i = 0; i < methods.Length; i++)
        {
            named[i] = new(Api + methods[i], access);
        }

        return named;
    }

    private static FrozenDictionary<string, string> Build()
    {
        const string Providers = "providers come later; secrets can be given in the sandbox's environment meanwhile";
        const string Drafts = "drafts of policies come with network policies";
        const string Policies = "a policy is given when the sandbox is created, and network policies come later";
        const string Replicas = "a gateway has no replicas";
        var reasons = new Dictionary<string, string>(StringComparer.Ordinal);
        Add("files of root file systems come later; give the name of an image", "BeginRootfsTarStaging");
        Add(
            "templates come later; give the image and its settings in the spec",
            "CreateSandboxTemplate", "DeleteSandboxTemplate", "GetSandboxTemplate", "ListSandboxTemplates");
        Add(
            "services come later; ForwardTcp and `openshell forward` reach a port of a sandbox meanwhile",
            "ExposeService", "DeleteService", "GetService", "ListServices");
        Add(
            Providers,
            "ListSandboxProviders", "AttachSandboxProvider", "DetachSandboxProvider", "GetSandboxProviderStatus", "GetProvider",
            "ListProviders", "CreateProvider", "UpdateProvider", "DeleteProvider", "ReportProviderReadiness",
            "ListProviderProfiles", "GetProviderProfile", "LintProviderProfiles", "GetProviderRefreshStatus", "ImportProviderProfiles",
            "UpdateProviderProfiles", "DeleteProviderProfile", "ConfigureProviderRefresh", "RotateProviderCredential",
            "DeleteProviderRefresh", "GetSandboxProviderEnvironment", "ExchangeProviderSubjectToken");
        Add(Policies, "UpdateConfig", "GetSandboxPolicyStatus", "ListSandboxPolicies", "ReportEndpointStatus");
        Add(
            Drafts,
            "SubmitPolicyAnalysis", "GetDraftPolicy", "GetDraftHistory", "ApproveDraftChunk", "RejectDraftChunk",
            "ApproveAllDraftChunks", "EditDraftChunk", "UndoDraftChunk", "ClearDraftChunks");
        Add(Replicas, "PeerRelay", "PeerReportProviderReadiness", "PeerReportEndpointStatus", "PeerGetSandboxProviderStatus");
        return reasons.ToFrozenDictionary(StringComparer.Ordinal);

        void Add(string reason, params ReadOnlySpan<string> methods)
        {
            foreach (var method in methods)
            {
                reasons.Add(Api + method, reason);
            }
        }
    }
}
