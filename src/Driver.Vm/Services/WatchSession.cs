using OpenShell.Driver.Vm.Events;
using OpenShell.Driver.Vm.Records;

namespace OpenShell.Driver.Vm.Services;

/// <summary>
/// What one watcher is sent: every machine as it is, then every change. A watcher that fell behind is sent every
/// machine again, and the removal of those that have gone meanwhile; of a machine's states it may miss some, never the
/// last.
/// </summary>
/// <remarks>
/// 1. The queue is opened before the machines are looked at, so nothing can happen in between.
/// 2. Versions tell which queued events are older than what was looked at; those are left out.
/// </remarks>
internal sealed class WatchSession(EventHub hub, Func<IReadOnlyList<MachineSnapshot>> list)
{
    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);

    /// <summary>Sends until the watcher leaves or the driver ends.</summary>
    public async Task RunAsync(Func<IDriverEvent, Task> send, CancellationToken cancellationToken)
    {
        using var subscription = hub.Subscribe();
        await SendAllAsync(send);
        while (await subscription.WaitAsync(cancellationToken))
        {
            while (subscription.TryTake(out var driverEvent))
            {
                if (subscription.TakeMissed())
                {
                    await SendAllAsync(send);
                }

                if (Note(driverEvent!))
                {
                    await send(driverEvent!);
                }
            }
        }
    }

    private async Task SendAllAsync(Func<IDriverEvent, Task> send)
    {
        var snapshots = list();
        foreach (var snapshot in snapshots)
        {
            var changed = new MachineChanged(snapshot);
            if (Note(changed))
            {
                await send(changed);
            }
        }

        var present = snapshots.Select(snapshot => snapshot.Spec.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var id in _sent.Keys.Where(id => !present.Contains(id)).ToArray())
        {
            var version = _sent[id];
            _sent.Remove(id);
            await send(new MachineRemoved(id, version));
        }
    }

    /// <summary>Whether it is news.</summary>
    private bool Note(IDriverEvent driverEvent)
    {
        switch (driverEvent)
        {
            case MachineChanged { Snapshot: var snapshot }:
                if (_sent.TryGetValue(snapshot.Spec.Id, out var sent) && sent >= snapshot.Version)
                {
                    return false;
                }

                _sent[snapshot.Spec.Id] = snapshot.Version;
                return true;
            case MachineRemoved removed:
                return _sent.TryGetValue(removed.SandboxId, out var known) && known < removed.Version && _sent.Remove(removed.SandboxId);
            default:
                return true;
        }
    }
}
