using System.Collections.Concurrent;
using OpenShell.Linux.Descriptors;
using OpenShell.Protocol.Sandbox.V1;
using OpenShell.Supervisor.Logs;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Policy;

/// <summary>
/// What the processes of the sandbox may do beyond what their user may not: the static parts of its policy. Without a
/// policy nothing is added. With one, every process gets no_new_privs and the seccomp filter, and, where the policy has
/// paths, a Landlock ruleset that allows them and nothing else.
/// </summary>
/// <param name="policy">Null: there is none.</param>
/// <param name="imageUser">Who runs what names no user if the policy names none; empty is root.</param>
/// <param name="log">Takes what was left out of a best effort.</param>
internal sealed class Confinement(SandboxPolicy? policy, string imageUser, SupervisorLog log)
{
    private const string BestEffort = "best_effort";

    private static readonly PreparedRules None = new(false, null, [], null);

    private readonly SeccompInstruction[] _filter = policy is null ? [] : SeccompFilter.Build();
    private readonly ConcurrentDictionary<string, bool> _warned = new(StringComparer.Ordinal);
    private volatile string? _refusal;

    /// <summary>Who runs what names no user, in the form that the user database takes; empty is root.</summary>
    public string DefaultUser { get; } = policy?.Process switch
    {
        null or { RunAsUser.Length: 0, RunAsGroup.Length: 0 } => imageUser,
        { RunAsGroup.Length: 0 } process => process.RunAsUser,
        { RunAsUser.Length: 0 } process => $"0:{process.RunAsGroup}",
        var process => $"{process.RunAsUser}:{process.RunAsGroup}",
    };

    // Anything that we do not know is taken for the stricter of the two.
    private bool IsHardRequirement => policy?.Landlock is { Compatibility: not ("" or BestEffort) };

    /// <summary>Why nothing starts; null: it is not so.</summary>
    public string? Refusal => _refusal;

    /// <summary>From now on no process starts: the policy is not the one that counts. The first reason stays.</summary>
    public void Refuse(string reason) => _refusal ??= reason;

    /// <summary>Makes what a process that starts in <paramref name="workingDirectory"/> is confined with.</summary>
    public PreparedRules Prepare(string workingDirectory)
    {
        if (_refusal is { } refusal)
        {
            return new PreparedRules(true, null, [], refusal);
        }

        if (policy is null)
        {
            return None;
        }

        var (ruleset, problem) = policy.Filesystem is { } paths && HasPaths(paths)
            ? LandlockRules.Create(paths, paths.IncludeWorkdir ? workingDirectory : null, SkipMissing)
            : (null, null);
        if (problem is null || !IsHardRequirement)
        {
            Warn(problem);
            return new PreparedRules(true, ruleset, _filter, null);
        }

        ruleset?.Dispose();
        return new PreparedRules(true, null, [], $"the policy of the sandbox requires Landlock: {problem}");
    }

    private static bool HasPaths(FilesystemPolicy paths) =>
        paths.IncludeWorkdir || paths.ReadOnly.Count > 0 || paths.ReadWrite.Count > 0;

    // A path that is not there cannot be allowed; a hard requirement does not do without.
    private bool SkipMissing(string problem)
    {
        if (!IsHardRequirement)
        {
            Warn($"{problem}; it is left out");
        }

        return !IsHardRequirement;
    }

    // Once each: it is the same for every process.
    private void Warn(string? problem)
    {
        if (problem is not null && _warned.TryAdd(problem, true))
        {
            log.Warn($"policy: {problem}");
        }
    }
}

/// <summary>What one process is confined with.</summary>
/// <param name="Ruleset">Landlock ruleset; null: none.</param>
/// <param name="Filter">Seccomp filter; empty: none.</param>
/// <param name="Refusal">Why the process must not start, if it must not.</param>
internal sealed record PreparedRules(bool IsActive, FileDescriptor? Ruleset, SeccompInstruction[] Filter, string? Refusal) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Ruleset?.Dispose();
}
