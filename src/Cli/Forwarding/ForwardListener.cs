using System.Net;
using System.Net.Sockets;
using OpenShell.Cli.Context;
using OpenShell.Linux.Sockets;

namespace OpenShell.Cli.Forwarding;

/// <summary>One listening socket of a forward and the connections that came to it.</summary>
internal sealed class ForwardListener : IDisposable
{
    private const int Backlog = 128;

    private readonly Socket _socket;
    private readonly List<Task> _connections = [];

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

    /// <summary>Serves every connection until cancelled; does not wait for those that are left.</summary>
    /// <param name="serve">Owns the socket; must end once <paramref name="cancellationToken"/> is cancelled.</param>
    public async Task RunAsync(Func<Socket, ForwardPorts, Task> serve, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = await SocketAccept.NextAsync(_socket, Prepare, failed: null, TimeProvider.System, cancellationToken);
            _connections.RemoveAll(served => served.IsCompleted);
            _connections.Add(ObserveAsync(serve(connection, Ports)));
        }
    }

    /// <summary>Waits for the connections that are left, after <see cref="RunAsync"/> has ended.</summary>
    public Task DrainAsync() => Task.WhenAll(_connections);

    /// <summary>Stops listening; who connects from now on is refused.</summary>
    public void Dispose() => _socket.Dispose();

    // How one connection ended is its own affair.
    private static async Task ObserveAsync(Task served) => await served.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static Socket Prepare(Socket connection)
    {
        connection.NoDelay = true;
        return connection;
    }
}
