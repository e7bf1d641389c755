using System.Net.Sockets;
using OpenShell.Protocol.Relay;

namespace OpenShell.Supervisor.Relays;

/// <summary>A connected stream socket.</summary>
internal sealed class SocketTarget(Socket socket) : IRelayTarget
{
    public Task RunAsync(RelayConnection relay, CancellationToken closed) => RelaySocket.RunAsync(relay, socket, closed);

    public void Dispose() => socket.Dispose();
}
