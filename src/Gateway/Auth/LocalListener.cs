using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using OpenShell.Linux.Sockets;

namespace OpenShell.Gateway.Auth;

/// <summary>
/// Lets callers in at the local socket by who they are: this user's processes and root's, which could read the admin token
/// anyway. The socket's permissions say the same once more.
/// </summary>
internal sealed class LocalListener(ConnectionDelegate next, ILogger logger)
{
    /// <summary>The check as a connection middleware.</summary>
    public Task ServeAsync(ConnectionContext connection)
    {
        var user = connection.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket ? UnixPeer.UserOf(socket) : uint.MaxValue;
        if (!UnixPeer.IsTrusted(user))
        {
            AuthLog.LocalPeerRefused(logger, user);
            connection.Abort();
            return Task.CompletedTask;
        }

        connection.Features.Set(new LocalPeer(new UserPrincipal($"uid:{user}", "unix-peer")));
        return next(connection);
    }
}

/// <summary>Connection feature: who connected at the local socket.</summary>
internal sealed record LocalPeer(UserPrincipal Principal);
