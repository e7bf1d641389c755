using System.Collections.Concurrent;

namespace OpenShell.Gateway.Readiness;

/// <summary>The driver's last word on each sandbox. In memory only: after a restart the driver says it again.</summary>
internal sealed class BackendTable
{
    private readonly ConcurrentDictionary<string, BackendSnapshot> _snapshots = new();

    public BackendSnapshot? Find(string sandboxId) => _snapshots.GetValueOrDefault(sandboxId);

    public void Set(string sandboxId, BackendSnapshot snapshot) => _snapshots[sandboxId] = snapshot;

    public void Remove(string sandboxId) => _snapshots.TryRemove(sandboxId, out _);
}
