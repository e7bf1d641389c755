using OpenShell.Linux.Descriptors;
using OpenShell.Supervisor.Native;

namespace OpenShell.Supervisor.Policy;

/// <summary>What one process is confined with.</summary>
/// <param name="IsActive">There is a policy.</param>
/// <param name="Ruleset">Landlock ruleset; null: none.</param>
/// <param name="Filter">Seccomp filter; empty: none.</param>
/// <param name="Refusal">Why the process must not start, if it must not.</param>
internal sealed record PreparedRules(bool IsActive, FileDescriptor? Ruleset, SeccompInstruction[] Filter, string? Refusal) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Ruleset?.Dispose();
}
