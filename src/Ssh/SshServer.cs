using System.Net.Sockets;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;
using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Connections;
using OpenShell.Ssh.Keys;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh;

/// <summary>
/// An SSH server (RFC 4251 to 4254) over connected stream sockets. One thread serves all of its connections; what their
/// channels lead to is behind <see cref="ISshConnectionHandler"/>.
/// </summary>
public sealed class SshServer : IAsyncDisposable
{
    private readonly NativeBind _bind;
    private readonly ServerContext _context;

    // Oldest first; the loop's.
    private readonly List<SshConnection> _handshakes = [];
    private readonly HashSet<SshConnection> _connections = [];
    private bool _stopping;

    /// <summary>Starts its thread.</summary>
    /// <param name="onDefect">Told of unexpected exceptions, on any thread; the server goes on.</param>
    /// <exception cref="InvalidOperationException">libssh does not take the key.</exception>
    public SshServer(SshServerOptions options, SshHostKey key, TimeProvider time, Action<Exception> onDefect)
    {
        _bind = new NativeBind(SshHostKey.Import(key.PrivateText));
        _context = new ServerContext(options, time, new SshLoop("ssh", onDefect), new TaskTracker(onDefect));
    }

    /// <summary>Serves a connection. The socket is disposed.</summary>
    /// <param name="authenticator">Asked on the thread pool, for this connection.</param>
    public void Serve(Socket socket, ISshAuthenticator authenticator)
    {
        using (socket)
        {
            try
            {
                var descriptor = DescriptorIo.DuplicateNonBlocking(socket.SafeHandle);
                _context.Loop.Enqueue(_ => Begin(descriptor, authenticator), null);
            }
            catch (IOException)
            {
                // Out of descriptors: the client sees the connection end.
            }
        }
    }

    /// <summary>Serves what a listening socket accepts, with one authenticator for all.</summary>
    /// <exception cref="OperationCanceledException">As asked for; connections go on.</exception>
    public async Task RunAsync(Socket listener, ISshAuthenticator authenticator, CancellationToken cancellationToken)
    {
        while (true)
        {
            Serve(
                await SocketAccept.NextAsync(listener, socket => socket, failed: null, _context.Time, cancellationToken).ConfigureAwait(false),
                authenticator);
        }
    }

    /// <summary>Ends all connections, waits for what they have started to end, and then ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        await _context.Loop.RunAsync(() =>
        {
            _stopping = true;
            Array.ForEach([.. _connections], connection => connection.Dispose());
            return Task.CompletedTask;
        }).ConfigureAwait(false);
        await _context.Tasks.WaitAllAsync().ConfigureAwait(false);
        await _context.Loop.DisposeAsync().ConfigureAwait(false);
        _bind.Dispose();
    }

    private void Begin(FileDescriptor descriptor, ISshAuthenticator authenticator)
    {
        if (_stopping || _connections.Count >= _context.Options.MaxConnections + _context.Options.MaxHandshakes)
        {
            descriptor.Dispose();
            return;
        }

        var number = descriptor.Number;
        var session = _bind.Accept(descriptor);
        if (session == 0)
        {
            return;
        }

        // libssh owns the descriptor and closes it with the session; it is polled here.
        var connection = new SshConnection(_context, session, new FileDescriptor(number, ownsHandle: false), authenticator)
        {
            Authenticated = authenticated => _handshakes.Remove(authenticated),
            Closed = closed =>
            {
                _connections.Remove(closed);
                _handshakes.Remove(closed);
            },
        };
        _connections.Add(connection);
        _handshakes.Add(connection);
        connection.Begin();
        if (_handshakes.Count > _context.Options.MaxHandshakes)
        {
            // The oldest handshake makes room: slow clients, however many, cannot keep new ones out.
            _handshakes[0].Dispose();
        }
    }
}
