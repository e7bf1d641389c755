using System.Net;
using Microsoft.AspNetCore.Connections;

namespace OpenShell.Gateway.Connections;

/// <summary>
/// Listeners whose connections are counted as they are accepted, before anything else happens with them: later would be
/// too late, since a descriptor is taken by then, and the server goes on accepting meanwhile.
/// </summary>
internal sealed class GuardedListeners(IConnectionListenerFactory inner, ConnectionRegistry connections) : IConnectionListenerFactory
{
    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await inner.BindAsync(endpoint, cancellationToken), connections);

    private sealed class Listener(IConnectionListener inner, ConnectionRegistry connections) : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await inner.AcceptAsync(cancellationToken) is { } connection)
            {
                if (connections.TryAdd(connection))
                {
                    return connection;
                }

                connection.Abort(new ConnectionAbortedException("no descriptor to spare"));
                await connection.DisposeAsync();
            }

            return null;
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
