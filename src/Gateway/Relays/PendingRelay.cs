using OpenShell.Gateway.Sessions;
using OpenShell.Protocol.Outcomes;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Relays;

/// <summary>A relay that was asked for. Completed once: claimed, failed, or given up. Owned by whoever opens it.</summary>
internal sealed class PendingRelay(string sandboxId, RelayTarget target, string serviceId, long requestedAt)
{
    private readonly TaskCompletionSource<Outcome<RelayConnection>> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string ChannelId { get; } = Guid.NewGuid().ToString();

    public string SandboxId => sandboxId;

    public RelayTarget Target => target;

    /// <summary>What the relay is for; in logs only.</summary>
    public string ServiceId => serviceId;

    /// <summary>Timestamp of the request; a claim that comes too long after it is refused.</summary>
    public long RequestedAt => requestedAt;

    public Task<Outcome<RelayConnection>> Opened => _opened.Task;

    public bool TrySucceed(RelayConnection relay) => _opened.TrySetResult(relay);

    public bool TryFail(Failure failure) => _opened.TrySetResult(failure);
}
