using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Collections;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Protocol.Untrusted;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Checks a sandbox's policy. Limits are those of OpenShell's gateway. Of network policies, which are stored and not yet acted on
/// (a guest reaches nothing, which every policy allows), it is checked what no gateway would take.
/// </summary>
internal static partial class PolicyValidator
{
    private const uint KnownVersion = 1;
    private const int MaxPolicyBytes = 256 * 1024;
    private const int MaxPaths = 256;
    private const int MaxPathLength = 4096;
    private const int MaxMiddlewares = 10;
    private const int MaxPatterns = 32;
    private const int MaxQuoted = 64;
    // Of uid_t and gid_t; the one above means "unchanged" to the kernel.
    private const uint HighestId = 4_294_967_294;

    public static void Check(SandboxPolicy policy)
    {
        if (policy.CalculateSize() is var bytes and > MaxPolicyBytes)
        {
            throw GrpcErrors.InvalidField("spec.policy", $"policy serialized size exceeds maximum ({bytes} > {MaxPolicyBytes})");
        }

        // 0 is a client that does not set it.
        if (policy.Version is not (0 or KnownVersion))
        {
            throw GrpcErrors.InvalidArgument($"policy.version {policy.Version} is not known; this gateway knows version {KnownVersion}");
        }

        if (policy.Filesystem is { } filesystem)
        {
            CheckFilesystem(filesystem);
        }

        if (policy.Landlock is { Compatibility: not ("" or "best_effort" or "hard_requirement") and var compatibility })
        {
            throw GrpcErrors.InvalidArgument($"policy.landlock.compatibility is best_effort or hard_requirement, not '{compatibility}'");
        }

        if (policy.Process is { } process)
        {
            CheckIdentity("policy.process.run_as_user", process.RunAsUser);
            CheckIdentity("policy.process.run_as_group", process.RunAsGroup);
        }

        foreach (var (key, rule) in policy.NetworkPolicies)
        {
            foreach (var (i, endpoint) in rule.Endpoints.Index())
            {
                CheckEndpoint($"policy.network_policies[{HarmlessText.Line(key, MaxQuoted)}].endpoints[{i}]", endpoint);
            }
        }

        CheckMiddlewares(policy.NetworkMiddlewares);
    }

    // The two others are of OpenShell 0.0.x.
    private static void CheckEndpoint(string field, NetworkEndpoint endpoint)
    {
        if (endpoint.Tls is not (NetworkTlsMode.Unspecified or NetworkTlsMode.Skip))
        {
            throw GrpcErrors.InvalidField($"{field}.tls", $"{field}.tls is unset, which handles TLS by itself, or SKIP; {endpoint.Tls} is not possible");
        }

        if (!Enum.IsDefined(endpoint.Enforcement))
        {
            throw GrpcErrors.InvalidField($"{field}.enforcement", $"{field}.enforcement {endpoint.Enforcement} is not known");
        }

        if (!Enum.IsDefined(endpoint.Access))
        {
            throw GrpcErrors.InvalidField($"{field}.access", $"{field}.access {endpoint.Access} is not known");
        }
    }

    private static void CheckMiddlewares(MapField<string, NetworkMiddlewareConfig> middlewares)
    {
        const string Field = "policy.network_middlewares";
        if (middlewares.Count > MaxMiddlewares)
        {
            throw GrpcErrors.InvalidField(Field, $"{Field} has {middlewares.Count} entries; at most {MaxMiddlewares} are allowed");
        }

        foreach (var (key, middleware) in middlewares)
        {
            var field = $"{Field}[{HarmlessText.Line(key, MaxQuoted)}].endpoints";
            if (middleware.Endpoints is { } selector && selector.Include.Count + selector.Exclude.Count is var count and > MaxPatterns)
            {
                throw GrpcErrors.InvalidField(field, $"{field} has {count} patterns; at most {MaxPatterns} are allowed");
            }
        }
    }

    private static void CheckFilesystem(FilesystemPolicy filesystem)
    {
        if (filesystem.ReadOnly.Count + filesystem.ReadWrite.Count is var count and > MaxPaths)
        {
            throw GrpcErrors.InvalidArgument($"policy.filesystem has {count} paths; at most {MaxPaths} are allowed");
        }

        CheckPaths("policy.filesystem.read_only", filesystem.ReadOnly);
        CheckPaths("policy.filesystem.read_write", filesystem.ReadWrite);
        foreach (var path in filesystem.ReadWrite)
        {
            // However it is spelled: "//" and "/./" are the root as well.
            if (path.Split('/').All(part => part is "" or "."))
            {
                throw GrpcErrors.InvalidArgument($"policy.filesystem.read_write: '{path}' would make everything writable; name directories below it");
            }
        }
    }

    private static void CheckPaths(string field, RepeatedField<string> paths)
    {
        foreach (var path in paths)
        {
            if (path.Length > MaxPathLength)
            {
                throw GrpcErrors.InvalidArgument($"{field}: a path has {path.Length} characters; at most {MaxPathLength} are allowed");
            }

            if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal))
            {
                throw GrpcErrors.InvalidArgument($"{field}: '{path}' is not an absolute path");
            }

            if (path.Split('/').Contains(".."))
            {
                throw GrpcErrors.InvalidArgument($"{field}: '{path}' contains '..'");
            }
        }
    }

    // Root is what a policy is there to keep processes from being.
    private static void CheckIdentity(string field, string value)
    {
        var isNumber = value.Length > 0 && value.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;
        var valid = isNumber
            ? uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id is > 0 and <= HighestId
            : value.Length == 0 || (value != "root" && AccountName().IsMatch(value));
        if (!valid)
        {
            throw GrpcErrors.InvalidArgument($"{field} is a name other than root, or an id from 1 to {HighestId}, not '{value}'");
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.-]{0,31}\z", RegexOptions.NonBacktracking)]
    private static partial Regex AccountName();
}
