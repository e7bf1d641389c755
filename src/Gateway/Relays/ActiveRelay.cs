using OpenShell.Gateway.Sessions;

namespace OpenShell.Gateway.Relays;

/// <summary>A claimed relay. Owned by the call that serves its stream.</summary>
internal sealed class ActiveRelay(PendingRelay pending, long openedAt) : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private string? _reason;

    public string ChannelId => pending.ChannelId;

    public string SandboxId => pending.SandboxId;

    public RelayTarget Target => pending.Target;

    public string ServiceId => pending.ServiceId;

    /// <summary>Timestamp of the claim; not wall time, which may jump.</summary>
    public long OpenedAt => openedAt;

    /// <summary>Cancelled when somebody other than the two ends wants it to be over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Why it was ended; null if nobody did. The first reason stays.</summary>
    public string? EndReason => Volatile.Read(ref _reason);

    public void End(string reason)
    {
        if (Interlocked.CompareExchange(ref _reason, reason, null) is null)
        {
            _ended.Cancel();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => End("closed");
}
