using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using OpenShell.Linux.Descriptors;
using OpenShell.Linux.Sockets;
using OpenShell.Protocol.Outcomes;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Client;

/// <summary>
/// One command over an SSH connection of its own, as a client, on a thread of its own: (1) transport, authentication and
/// start, (2) input and output until the exit, (3) the rest of the output, for a bounded time, (4) the close of the channel.
/// The server's key is not looked at: whoever made the transport knows who is at its other end.
/// </summary>
public sealed class SshCommand : IDisposable
{
    private const int MaxInputs = 16;

    // libssh keeps small things on the stack, the handshake included.
    private const int StackBytes = 512 * 1024;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    private static readonly Failure NotInstalled = new(
        FailureKind.FailedPrecondition,
        "the sandbox's supervisor runs commands over SSH only, for which the gateway's machine needs libssh.so.4; install it (package libssh-4)");

    private readonly SshCommandRequest _request;
    private readonly ISshCommandOutput _output;
    private readonly ConcurrentQueue<Action<CommandConnection>> _controls = new();
    private readonly Channel<byte[]> _input = Channel.CreateBounded<byte[]>(MaxInputs);
    private readonly FileDescriptor _descriptor;

    // The descriptor's, to wait for it.
    private readonly Socket _near;
    private readonly Socket _wake;
    private readonly Socket _woken;
    private readonly TaskCompletionSource<Failure?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SshExit?> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stopwatch _draining = new();
    private ReadOnlyMemory<byte> _pending;
    private bool _inputEnded;
    private volatile bool _stop;

    private SshCommand(SshCommandRequest request, ISshCommandOutput output)
    {
        (_request, _output) = (request, output);

        (_descriptor, var far) = NativeSocket.CreatePair();
        (_near, Transport) = (new Socket(new SafeSocketHandle(_descriptor.DangerousGetHandle(), ownsHandle: false)), Take(far));
        var (wake, woken) = NativeSocket.CreatePair();
        (_wake, _woken) = (Take(wake), Take(woken));
        (_wake.Blocking, _woken.Blocking) = (false, false);
    }

    /// <summary>The other end of the SSH connection: what is read here is for the server, what it says is written here.</summary>
    public Socket Transport { get; }

    /// <summary>Null: the server runs it. Otherwise why not, and it has exited, too.</summary>
    public Task<Failure?> Started => _started.Task;

    /// <summary>How it ended; null: the server did not say. After the last output.</summary>
    public Task<SshExit?> Exited => _exited.Task;

    /// <summary>Starts one. Its owner joins <see cref="Transport"/> and the server, and disposes it.</summary>
    public static SshCommand Start(SshCommandRequest request, ISshCommandOutput output)
    {
        var command = new SshCommand(request, output);
        new Thread(command.Run, StackBytes) { IsBackground = true, Name = "ssh command" }.Start();
        return command;
    }

    /// <summary>Appends input; waits while much of it has not gone yet.</summary>
    public async ValueTask WriteAsync(byte[] data, CancellationToken cancellationToken)
    {
        await _input.Writer.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        Wake();
    }

    /// <summary>Ends the input.</summary>
    public void EndInput()
    {
        _input.Writer.TryComplete();
        Wake();
    }

    /// <summary>Changes the size of the terminal.</summary>
    public void Resize(int columns, int rows) => Post(connection => connection.Resize(columns, rows));

    /// <summary>Asks the server to send a signal.</summary>
    public void Signal(int number) => Post(connection => connection.Signal(number));

    /// <summary>Closes the channel, and ends a start that has not succeeded yet.</summary>
    public void Stop()
    {
        _stop = true;
        Wake();
        if (!_started.Task.IsCompleted)
        {
            Cut();
        }
    }

    /// <summary>The server cannot be reached any more.</summary>
    public void Cut()
    {
        try
        {
            // Not the other direction: see CommandConnection.
            Transport.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is over already.
        }
    }

    /// <summary>After <see cref="Exited"/>.</summary>
    public void Dispose()
    {
        _wake.Dispose();
        _woken.Dispose();
        Transport.Dispose();
    }

    private static Socket Take(FileDescriptor descriptor)
    {
        var socket = new Socket(new SafeSocketHandle(descriptor.DangerousGetHandle(), ownsHandle: true));
        descriptor.SetHandleAsInvalid();
        return socket;
    }

    private void Post(Action<CommandConnection> control)
    {
        _controls.Enqueue(control);
        Wake();
    }

    private void Wake()
    {
        try
        {
            _wake.Send([0]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Full is as good as woken.
        }
    }

    private void Run()
    {
        if (!LibSsh.IsInstalled())
        {
            _descriptor.Dispose();
            _started.SetResult(NotInstalled);
            _exited.SetResult(null);
            return;
        }

        SshExit? exit = null;
        using (var connection = new CommandConnection(_descriptor))
        {
            // 1
            var failure = connection.Start(_request);
            _started.SetResult(failure);
            if (failure is null)
            {
                // 2, 3
                Serve(connection);
                exit = connection.Exit;
            }

            // 4
        }

        _exited.SetResult(exit);
    }

    private void Serve(CommandConnection connection)
    {
        while (!_stop)
        {
            while (_controls.TryDequeue(out var control))
            {
                control(connection);
            }

            var moved = connection.Pump() | Send(connection) | Deliver(connection);
            if (connection.Exit is not null)
            {
                _draining.Start();
            }

            var isDone = connection.IsOver || (connection.HasEnded && connection.Exit is not null);
            if ((!moved && isDone) || _draining.Elapsed > DrainTimeout)
            {
                return;
            }

            if (!moved)
            {
                Wait(connection);
            }
        }
    }

    private bool Send(CommandConnection connection)
    {
        if (_pending.IsEmpty)
        {
            _pending = _input.Reader.TryRead(out var next) ? next : default;
        }

        if (!_pending.IsEmpty)
        {
            var taken = connection.Write(_pending.Span);
            _pending = _pending[taken..];
            return taken > 0;
        }

        if (_inputEnded || !_input.Reader.Completion.IsCompleted)
        {
            return false;
        }

        _inputEnded = true;
        connection.EndInput();
        return true;
    }

    private bool Deliver(CommandConnection connection)
    {
        var moved = false;
        while (connection.TryTake(out var piece))
        {
            // That the reader is slow is no time in which the server said nothing.
            _draining.Stop();
            _output.Write(piece.IsError, piece.Data);
            moved = true;
        }

        return moved;
    }

    private void Wait(CommandConnection connection)
    {
        List<Socket> readable = [_near, _woken];
        List<Socket>? writable = connection.HasPendingInput ? [_near] : null;
        Socket.Select(readable, writable, null, Poll);
        if (readable.Contains(_woken))
        {
            Span<byte> bytes = stackalloc byte[64];
            _ = _woken.Receive(bytes, SocketFlags.None, out _);
        }
    }
}
