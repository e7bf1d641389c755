using System.Globalization;
using System.Text.RegularExpressions;
using Google.Protobuf.Collections;
using OpenShell.Protocol.Sandbox.V1;

namespace OpenShell.Gateway.Services;

/// <summary>
/// Checks the static parts of a sandbox's policy: filesystem, landlock and process. Limits are those of OpenShell's gateway.
/// Network policies are taken as they come: nothing enforces them yet, and a guest reaches nothing anyway.
/// </summary>
internal static partial class PolicyValidator
{
    private const uint KnownVersion = 1;
    private const int MaxPolicyBytes = 256 * 1024;
    private const int MaxPaths = 256;
    private const int MaxPathLength = 4096;
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
