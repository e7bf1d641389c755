using System.Collections.Concurrent;

namespace OpenShell.Gateway.Readiness;

/// <summary>The driver's last status of each sandbox. In memory only: after a restart the driver sends it again.</summary>
internal sealed class DriverStatusCache
{
    private readonly ConcurrentDictionary<string, DriverStatus> _snapshots = new();

    public DriverStatus? Find(string sandboxId) => _snapshots.GetValueOrDefault(sandboxId);

    public void Set(string sandboxId, DriverStatus snapshot) => _snapshots[sandboxId] = snapshot;

    /// <summary>Sets it only if <paramref name="seen"/> still is the last one: what was asked for must not undo what was pushed meanwhile.</summary>
    public bool TryReplace(string sandboxId, DriverStatus? seen, DriverStatus snapshot) => seen is null
        ? _snapshots.TryAdd(sandboxId, snapshot)
        : _snapshots.TryUpdate(sandboxId, snapshot, seen);

    public void Remove(string sandboxId) => _snapshots.TryRemove(sandboxId, out _);
}
