using System.Net.Sockets;
using OpenShell.Protocol.Relay;
using OpenShell.Supervisor.Exec;

namespace OpenShell.Supervisor.Relays;

/// <summary>What a relay ends at: a process or a socket, ready before the gateway is told that the relay can be had.</summary>
internal abstract class RelayEndpoint : IDisposable
{
    /// <summary>Serves one relay until it ends. The relay stays the caller's.</summary>
    /// <exception cref="IOException">The relay or the target broke.</exception>
    /// <exception cref="OperationCanceledException">The relay was closed.</exception>
    public abstract Task RunAsync(RelayConnection relay, CancellationToken closed);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <summary>A process, which the first frame of the relay describes.</summary>
internal sealed class ExecEndpoint(ExecRelay exec) : RelayEndpoint
{
    /// <inheritdoc/>
    public override Task RunAsync(RelayConnection relay, CancellationToken closed) => exec.RunAsync(relay, closed);

    /// <inheritdoc/>
    public override void Dispose()
    {
        // Nothing is held before the relay runs.
    }
}

/// <summary>A connected stream socket.</summary>
internal sealed class SocketEndpoint(Socket socket) : RelayEndpoint
{
    /// <inheritdoc/>
    public override Task RunAsync(RelayConnection relay, CancellationToken closed) => RelaySocket.RunAsync(relay, socket, closed);

    /// <inheritdoc/>
    public override void Dispose() => socket.Dispose();
}
