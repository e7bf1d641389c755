using System.Collections.Concurrent;

namespace OpenShell.Gateway.Sandboxes;

/// <summary>
/// Which boot each sandbox is in, for callers that speak for one boot of one: a token of an earlier boot, or of a sandbox that was
/// deleted, is worthless, and a call that came in with it ends when that boot does. Kept in step with the rows by
/// <see cref="SandboxStore"/>; read from them the first time that a sandbox is asked for. Thread-safe.
/// </summary>
internal sealed class CurrentBoots(SandboxStore store)
{
    private readonly ConcurrentDictionary<string, Boot> _boots = new(StringComparer.Ordinal);

    /// <summary>Enters a boot.</summary>
    /// <param name="epoch">The boot that the caller's token was made for.</param>
    /// <returns>What is cancelled when the boot is over; or why it is over already.</returns>
    public async ValueTask<(CancellationToken Over, string? Refusal)> EnterAsync(string sandboxId, int epoch, CancellationToken cancellationToken)
    {
        if (!_boots.TryGetValue(sandboxId, out var boot) && (boot = await ReadAsync(sandboxId, cancellationToken)) is null)
        {
            return (default, "the sandbox of this token was deleted");
        }

        return epoch == boot.Epoch
            ? (boot.Over.Token, null)
            : (default, $"this token is of boot {epoch} of its sandbox, which is in boot {boot.Epoch}");
    }

    /// <summary>A row was written.</summary>
    public void Written(string sandboxId, int epoch)
    {
        while (_boots.TryGetValue(sandboxId, out var boot) && boot.Epoch < epoch)
        {
            if (_boots.TryUpdate(sandboxId, new Boot(epoch), boot))
            {
                boot.Over.Cancel();
            }
        }
    }

    /// <summary>A row was removed.</summary>
    public void Removed(string sandboxId)
    {
        if (_boots.TryRemove(sandboxId, out var boot))
        {
            boot.Over.Cancel();
        }
    }

    // A row may be changed, or removed, between the first look and the entry: the second look finds that out, and whatever is
    // written after the entry is there finds the entry.
    private async ValueTask<Boot?> ReadAsync(string sandboxId, CancellationToken cancellationToken)
    {
        if (await store.GetAsync(sandboxId, cancellationToken) is not { } first)
        {
            return null;
        }

        _boots.TryAdd(sandboxId, new Boot(first.BootEpoch));
        if (await store.GetAsync(sandboxId, cancellationToken) is not { } second)
        {
            Removed(sandboxId);
            return null;
        }

        Written(sandboxId, second.BootEpoch);
        return _boots.GetValueOrDefault(sandboxId);
    }

    private sealed record Boot(int Epoch)
    {
        // Never disposed: it has no timer, and a caller may be about to register.
        public CancellationTokenSource Over { get; } = new();
    }
}
