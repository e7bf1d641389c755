using OpenShell.Gateway.Fakes;
using OpenShell.Gateway.Relays;
using OpenShell.Protocol.Relay;

namespace OpenShell.Gateway.Model;

/// <summary>A claimed relay and its supervisor's stream.</summary>
internal sealed record ModelRelay(PendingRelay Pending, ActiveRelay Active)
{
    /// <summary>Completed when the stream is over.</summary>
    public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RelayConnection? Connection { get; set; }

    public RecordingTransport? Transport { get; set; }

    /// <summary>The opener has been given the connection.</summary>
    public bool Delivered { get; set; }
}
