using System.Net.Sockets;
using OpenShell.Ssh.Connections;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;
using OpenShell.Ssh.Work;

namespace OpenShell.Ssh;

/// <summary>
/// An SSH server (RFC 4251 to 4254) over connected stream sockets. One thread serves all of its connections; what their
/// channels lead to is behind <see cref="ISshWork"/>.
/// </summary>
public sealed class SshServer : IAsyncDisposable
{
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly NativeBind _bind;
    private readonly TaskTracker _tasks;

    // Oldest first; the loop's.
    private readonly List<SshConnection> _handshakes = [];
    private readonly HashSet<SshConnection> _connections = [];
    private bool _stopping;

    /// <summary>Starts its thread.</summary>
    /// <param name="options">Its limits.</param>
    /// <param name="key">What it shows to clients.</param>
    /// <param name="time">For its limits.</param>
    /// <param name="onDefect">Told of exceptions that nobody expected, on any thread; the server goes on.</param>
    /// <exception cref="InvalidOperationException">libssh does not take the key.</exception>
    public SshServer(SshServerOptions options, SshHostKey key, TimeProvider time, Action<Exception> onDefect)
    {
        Options = options;
        Time = time;
        _bind = new NativeBind(key);
        _tasks = new TaskTracker(onDefect);
        Loop = new SshLoop("ssh", onDefect);
    }

    internal SshServerOptions Options { get; }

    internal TimeProvider Time { get; }

    internal SshLoop Loop { get; }

    /// <summary>Serves a connection. The socket is disposed.</summary>
    /// <param name="socket">Connected.</param>
    /// <param name="authenticator">Asked on the thread pool, for this connection.</param>
    public void Serve(Socket socket, ISshAuthenticator authenticator)
    {
        using (socket)
        {
            try
            {
                var descriptor = Libc.DuplicateNonBlocking(socket.SafeHandle.DangerousGetHandle());
                Loop.Enqueue(_ => Begin(descriptor, authenticator), null);
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
            try
            {
                Serve(await listener.AcceptAsync(cancellationToken).ConfigureAwait(false), authenticator);
            }
            catch (SocketException)
            {
                // Out of descriptors, say: clients wait in the queue of the listener meanwhile.
                await Task.Delay(AcceptPause, Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends all connections, waits for what they have started to end, and then ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        await Loop.RunAsync(() =>
        {
            _stopping = true;
            Array.ForEach([.. _connections], connection => connection.Dispose());
            return Task.CompletedTask;
        }).ConfigureAwait(false);
        await _tasks.WaitAllAsync().ConfigureAwait(false);
        await Loop.DisposeAsync().ConfigureAwait(false);
        _bind.Dispose();
    }

    internal void Track(Task task) => _tasks.Add(task);

    internal void NoteAuthenticated(SshConnection connection) => _handshakes.Remove(connection);

    internal void Remove(SshConnection connection)
    {
        _connections.Remove(connection);
        _handshakes.Remove(connection);
    }

    private void Begin(int descriptor, ISshAuthenticator authenticator)
    {
        if (_stopping || _connections.Count >= Options.MaxConnections + Options.MaxHandshakes)
        {
            _ = Libc.Close(descriptor);
            return;
        }

        var session = _bind.Accept(descriptor);
        if (session == 0)
        {
            return;
        }

        var connection = new SshConnection(this, session, descriptor, authenticator);
        _connections.Add(connection);
        _handshakes.Add(connection);
        connection.Begin();
        if (_handshakes.Count > Options.MaxHandshakes)
        {
            // Whoever is slowest makes room: new clients get in however many of them there are.
            _handshakes[0].Dispose();
        }
    }
}
