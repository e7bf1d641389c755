using System.Collections.Concurrent;
using OpenShell.Gateway.Sandboxes;

namespace OpenShell.Gateway.Readiness;

/// <summary>
/// Since when each sandbox is in its phase, for the metrics. Kept in memory only: after a restart the time in a phase
/// that began before is not known and not reported.
/// </summary>
internal sealed class PhaseClock(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _since = [];

    /// <summary>A change has been stored. Call in the order of the changes of a sandbox.</summary>
    public void Changed(SandboxRecord before, SandboxRecord after)
    {
        if (before.Phase == after.Phase)
        {
            return;
        }

        PhaseMetrics.Changed(before.Phase, after.Phase);
        var now = time.GetUtcNow();
        var first = IsInFirstPhase(before);
        if (_since.TryGetValue(before.Id, out var since) || first)
        {
            PhaseMetrics.Left(before.Phase, Elapsed(first ? before.CreatedAt : since, now));
        }

        if (first && after.Phase == SandboxPhase.Ready)
        {
            PhaseMetrics.ReadyAfter(Elapsed(before.CreatedAt, now));
        }

        _since[after.Id] = now;
    }

    /// <summary>The sandbox does not exist any more.</summary>
    public void Forget(string sandboxId) => _since.TryRemove(sandboxId, out _);

    private static bool IsInFirstPhase(SandboxRecord record) =>
        record is { Phase: SandboxPhase.Provisioning, Run: 1, WasReady: false } && record.Ready?.Reason != SandboxCondition.HostDiskFull;

    // The wall clock may be set back meanwhile.
    private static TimeSpan Elapsed(DateTimeOffset from, DateTimeOffset to) => to > from ? to - from : TimeSpan.Zero;
}
