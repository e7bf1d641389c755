using OpenShell.Protocol.Relay;

namespace OpenShell.Supervisor.Relays;

/// <summary>What a relay ends at: a process or a socket, ready before the gateway is told that the relay can be had.</summary>
internal interface IRelayTarget : IDisposable
{
    /// <summary>Serves one relay until it ends. The relay stays the caller's.</summary>
    /// <exception cref="IOException">The relay or the target broke.</exception>
    /// <exception cref="OperationCanceledException">The relay was closed.</exception>
    Task RunAsync(RelayConnection relay, CancellationToken closed);
}
