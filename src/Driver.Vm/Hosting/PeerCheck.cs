using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace OpenShell.Driver.Vm.Hosting;

/// <summary>Lets in connections of this user's processes only; the socket's permissions say the same once more.</summary>
internal sealed class PeerCheck(uint allowedUser, HostingLog log)
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsLength = 12;
    private const int UserOffset = 4;

    /// <summary>The check as a connection middleware.</summary>
    public ConnectionDelegate Wrap(ConnectionDelegate next) => connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket && UserOf(socket) == allowedUser)
        {
            return next(connection);
        }

        log.PeerRefused();
        connection.Abort();
        return Task.CompletedTask;
    };

    /// <summary>The user of the process that connected (SO_PEERCRED: pid, uid, gid).</summary>
    internal static uint UserOf(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[CredentialsLength];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return BinaryPrimitives.ReadUInt32LittleEndian(credentials[UserOffset..]);
    }
}
