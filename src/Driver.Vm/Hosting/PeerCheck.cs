using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OpenShell.Linux.Sockets;

namespace OpenShell.Driver.Vm.Hosting;

/// <summary>Lets in connections of this user's processes only; the socket's permissions say the same once more.</summary>
internal sealed class PeerCheck(uint allowedUser, HostingLog log)
{
    /// <summary>The check as a connection middleware.</summary>
    public ConnectionDelegate Wrap(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && UnixPeer.UserOf(socket) == allowedUser)
        {
            return next(connection);
        }

        log.PeerRefused();
        connection.Abort();
        return Task.CompletedTask;
    };
}
