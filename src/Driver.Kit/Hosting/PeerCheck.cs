using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OpenShell.Linux.Sockets;

namespace OpenShell.Driver.Kit.Hosting;

/// <summary>Lets in connections of this user's processes only; the socket's permissions say the same once more.</summary>
internal sealed class PeerCheck(DriverLog log)
{
    /// <summary>The check as a connection middleware.</summary>
    public ConnectionDelegate Wrap(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && UnixPeer.UserOf(socket) == UnixPeer.CurrentUser)
        {
            return next(connection);
        }

        log.PeerRefused();
        connection.Abort();
        return Task.CompletedTask;
    };
}
