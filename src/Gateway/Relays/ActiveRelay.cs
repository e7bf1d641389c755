using OpenShell.Gateway.Concurrency;
using OpenShell.Gateway.Sessions;

namespace OpenShell.Gateway.Relays;

/// <summary>A claimed relay. Owned by the call that serves its stream.</summary>
internal sealed class ActiveRelay(PendingRelay pending, long openedAt) : IDisposable
{
    private readonly EndSignal _end = new();

    public string ChannelId => pending.ChannelId;

    public string SandboxId => pending.SandboxId;

    public RelayTarget Target => pending.Target;

    public string ServiceId => pending.ServiceId;

    /// <summary>Timestamp of the claim; not wall time, which may jump.</summary>
    public long OpenedAt => openedAt;

    /// <summary>Cancelled when somebody other than the two ends wants it to be over.</summary>
    public CancellationToken Ended => _end.Token;

    /// <summary>Why it was ended; null if nobody did. The first reason stays.</summary>
    public string? EndReason => _end.Reason;

    public void End(string reason) => _end.End(reason);

    /// <inheritdoc/>
    public void Dispose() => End("closed");
}
