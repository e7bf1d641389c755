namespace OpenShell.Driver.Kit.Watch;

/// <summary>
/// What one watcher is sent: every sandbox as it is, then every change. A watcher that fell behind is sent every
/// sandbox again, and the removal of those that have gone meanwhile; of a sandbox's states it may miss some, never the
/// last.
/// </summary>
/// <remarks>
/// 1. The queue is opened before the sandboxes are looked at, so nothing can happen in between.
/// 2. Versions tell which queued events are older than what was looked at; those are left out.
/// </remarks>
public sealed class WatchSession(WatchHub hub, Func<IEnumerable<SandboxChanged>> list)
{
    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);

    /// <summary>Sends until the watcher leaves or the driver ends.</summary>
    public async Task RunAsync(Func<DriverEvent, Task> send, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(send);
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

                if (IsNews(driverEvent!))
                {
                    await send(driverEvent!);
                }
            }
        }
    }

    private async Task SendAllAsync(Func<DriverEvent, Task> send)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var sandbox in list())
        {
            present.Add(sandbox.SandboxId);
            if (IsNews(sandbox))
            {
                await send(sandbox);
            }
        }

        foreach (var id in _sent.Keys.Where(id => !present.Contains(id)).ToArray())
        {
            _sent.Remove(id, out var version);
            await send(new SandboxRemoved(id, version));
        }
    }

    // What is older than what the watcher has seen is not.
    private bool IsNews(DriverEvent driverEvent)
    {
        switch (driverEvent)
        {
            case SandboxChanged changed:
                if (_sent.TryGetValue(changed.SandboxId, out var sent) && sent >= changed.Version)
                {
                    return false;
                }

                _sent[changed.SandboxId] = changed.Version;
                return true;
            case SandboxRemoved removed:
                return _sent.TryGetValue(removed.SandboxId, out var known) && known < removed.Version && _sent.Remove(removed.SandboxId);
            default:
                return true;
        }
    }
}
