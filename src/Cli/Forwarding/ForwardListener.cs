using System.Net;
using System.Net.Sockets;
using OpenShell.Cli.Context;
using OpenShell.Linux.Sockets;

namespace OpenShell.Cli.Forwarding;

/// <summary>One listening socket of a forward.</summary>
internal sealed class ForwardListener : IDisposable
{
    private const int Backlog = 128;

    private readonly Socket _socket;

    private ForwardListener(Socket socket, ForwardPorts ports) => (_socket, Ports) = (socket, ports);

    /// <summary>Where it listens and leads.</summary>
    public ForwardPorts Ports { get; }

    /// <summary>Listens. Connections wait until <see cref="RunAsync"/> takes them.</summary>
    /// <exception cref="CliException">The address cannot be listened on.</exception>
    public static ForwardListener Open(ForwardSpec spec)
    {
        var socket = new Socket(spec.Bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(spec.Bind, spec.LocalPort));
            socket.Listen(Backlog);
            var bound = (IPEndPoint)socket.LocalEndPoint!;
            return new ForwardListener(socket, new ForwardPorts(bound.Address.ToString(), bound.Port, spec.Host, spec.Port));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            var local = new IPEndPoint(spec.Bind, spec.LocalPort);
            throw new CliException(CliError.Failed($"cannot listen on {local}: {e.Message}; choose another port, or 0 for any free one"), e);
        }
    }

    /// <summary>Serves every connection until cancelled, and then waits for those that are left.</summary>
    /// <param name="serve">Owns the socket; must end once <paramref name="cancellationToken"/> is cancelled.</param>
    public async Task RunAsync(Func<Socket, ForwardPorts, Task> serve, CancellationToken cancellationToken)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                var connection = await SocketAccept.NextAsync(_socket, Prepare, failed: null, TimeProvider.System, cancellationToken);
                connections.RemoveAll(served => served.IsCompleted);
                connections.Add(serve(connection, Ports));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _socket.Dispose();

    private static Socket Prepare(Socket connection)
    {
        connection.NoDelay = true;
        return connection;
    }
}
