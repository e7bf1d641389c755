using System.Net;
using System.Net.Sockets;
using OpenShell.Cli.Context;

namespace OpenShell.Cli.Forwarding;

/// <summary>One listening socket of a forward and the connections that came to it.</summary>
internal sealed class ForwardListener : IAsyncDisposable
{
    private const int Backlog = 128;
    private static readonly TimeSpan AcceptRetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _connections = [];

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
            var local = (IPEndPoint)socket.LocalEndPoint!;
            return new ForwardListener(socket, new ForwardPorts(local.Address.ToString(), local.Port, spec.Host, spec.Port));
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new CliException(
                CliError.Failed($"cannot listen on {new IPEndPoint(spec.Bind, spec.LocalPort)}: {e.Message}; choose another port, or 0 for any free one"), e);
        }
    }

    /// <summary>Hands every connection over, until cancelled. Whoever takes one owns its socket.</summary>
    public async Task RunAsync(Func<Socket, ForwardPorts, Task> serve, CancellationToken cancellationToken)
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = await _socket.AcceptAsync(cancellationToken);
                connection.NoDelay = true;
            }
            catch (SocketException)
            {
                // A peer that went before it was taken, or no descriptor left, which passes.
                await Task.Delay(AcceptRetryDelay, cancellationToken);
                continue;
            }

            Keep(serve(connection, Ports));
        }
    }

    /// <summary>Stops listening and waits for the connections, which whoever serves them has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        Task[] connections;
        lock (_lock)
        {
            connections = [.. _connections];
        }

        await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Keep(Task connection)
    {
        lock (_lock)
        {
            _connections.Add(connection);
        }

        _ = ForgetAsync(connection);
    }

    private async Task ForgetAsync(Task connection)
    {
        await connection.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }
}
