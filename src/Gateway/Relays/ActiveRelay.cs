using OpenShell.Gateway.Concurrency;
using OpenShell.Gateway.Sessions;

namespace OpenShell.Gateway.Relays;

/// <summary>A claimed relay. Owned by the call that serves its stream.</summary>
internal sealed class ActiveRelay(PendingRelay pending, long openedAt) : IDisposable
{
    private readonly EndSignal _end = new();
    private readonly EndSignal _closedByPeer = new();

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

    /// <summary>Cancelled when the supervisor has said that the relay is over. What it sent before may still be on its way.</summary>
    public CancellationToken ClosedByPeer => _closedByPeer.Token;

    /// <summary>Why the supervisor closed it; null if it did not, empty if nothing failed.</summary>
    public string? CloseReason => _closedByPeer.Reason;

    public void End(string reason) => _end.End(reason);

    /// <summary>The supervisor says that the relay is over.</summary>
    public void CloseByPeer(string reason) => _closedByPeer.End(reason);

    /// <inheritdoc/>
    public void Dispose() => End("closed");
}
