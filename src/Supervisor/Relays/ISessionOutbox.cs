using OpenShell.Protocol.V1;

namespace OpenShell.Supervisor.Relays;

/// <summary>The way back to the gateway on the session that asked for a relay.</summary>
internal interface ISessionOutbox
{
    /// <summary>Whether the gateway understands the end-of-stream frame.</summary>
    bool PeerKnowsEndOfStream { get; }

    /// <summary>Queues a message. It is lost if the session ends first, and so is what it is about.</summary>
    ValueTask SendAsync(SupervisorMessage message, CancellationToken cancellationToken);
}
