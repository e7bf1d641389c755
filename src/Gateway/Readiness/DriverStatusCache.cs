using System.Collections.Concurrent;

namespace OpenShell.Gateway.Readiness;

/// <summary>The driver's last status of each sandbox. In memory only: after a restart the driver sends it again.</summary>
internal sealed class DriverStatusCache
{
    private readonly ConcurrentDictionary<string, DriverStatus> _statuses = new();

    public DriverStatus? Find(string sandboxId) => _statuses.GetValueOrDefault(sandboxId);

    public void Set(string sandboxId, DriverStatus status) => _statuses[sandboxId] = status;

    /// <summary>Sets it only if <paramref name="seen"/> still is the last one: what was asked for must not undo what was pushed meanwhile.</summary>
    public bool TryReplace(string sandboxId, DriverStatus? seen, DriverStatus status) => seen is null
        ? _statuses.TryAdd(sandboxId, status)
        : _statuses.TryUpdate(sandboxId, status, seen);

    public void Remove(string sandboxId) => _statuses.TryRemove(sandboxId, out _);
}
