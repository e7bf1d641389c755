using OpenShell.Linux.Descriptors;
using OpenShell.Protocol.Outcomes;
using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Client;

/// <summary>libssh as a client with one channel. For the thread that made it.</summary>
/// <param name="descriptor">
/// A connected socket, closed with this. Its other end takes what is written as long as this is there: libssh would close it.
/// </param>
internal sealed class CommandConnection(FileDescriptor descriptor) : IChannelEvents, IDisposable
{
    // What libssh may hold of our input before it waits for the socket.
    private const long InputLimit = 256 * 1024;

    // A server's requests, such as channels that it wants to open, are refused, so many before anything else has its turn.
    private const int RequestsPerTurn = 256;
    private const int ExitCodeOfUnknownSignal = 255;
    private static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromMilliseconds(500);

    private readonly Queue<(bool IsError, byte[] Data)> _received = [];
    private NativeSession _session = null!;
    private nint _channel;
    private bool _closed;

    /// <summary>Null: not known, so far.</summary>
    public SshExit? Exit { get; private set; }

    /// <summary>No more output comes.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Nothing comes any more, and nothing is taken.</summary>
    public bool IsOver => _closed || _session.IsBroken;

    /// <summary>The socket has not taken all that is for it.</summary>
    public bool HasPendingInput => _session.HasPendingOutput;

    /// <summary>Connects, logs in and starts the command; blocks, for a bounded time.</summary>
    public unsafe Failure? Start(SshCommandRequest request)
    {
        _session = new NativeSession(LibSsh.New(), this);
        var session = _session.Handle;
        var number = descriptor.Number;
        var timeout = (nint)StepTimeout.TotalSeconds;
        var readsFiles = false;
        _ = LibSshClient.SetPointer(session, LibSshClient.ProcessConfig, &readsFiles);
        _ = LibSshClient.SetText(session, LibSshClient.Host, "sandbox");
        _ = LibSshClient.SetText(session, LibSshClient.User, request.User);
        _ = LibSshClient.SetPointer(session, LibSshClient.Timeout, &timeout);
        _ = LibSshClient.SetPointer(session, LibSshClient.Descriptor, &number);
        LibSsh.SetBlocking(session, 1);
        if (LibSshClient.Connect(session) != LibSsh.Ok)
        {
            return Failed("failed to establish ssh transport");
        }

        if (LibSshClient.AuthenticateNone(session, 0) != LibSsh.Ok)
        {
            return Failed("ssh authentication rejected by sandbox") with { Kind = FailureKind.PermissionDenied };
        }

        _channel = LibSshChannels.New(session);
        _session.Listen(_channel);
        var failure = StartCommand(request);
        LibSsh.SetBlocking(session, 0);
        return failure;
    }

    /// <summary>Has libssh read and write what it can.</summary>
    /// <returns>Whether anything came.</returns>
    public bool Pump()
    {
        var before = _session.BytesRead;
        var requests = 0;
        while (requests < RequestsPerTurn && LibSsh.GetMessage(_session.Handle) is not 0 and var message)
        {
            _ = LibSshMessages.ReplyDefault(message);
            LibSshMessages.Free(message);
            requests++;
        }

        if (_session.HasPendingOutput)
        {
            _ = LibSsh.Flush(_session.Handle, 0);
        }

        return requests > 0 || _session.BytesRead != before;
    }

    /// <summary>The next piece of output that has come.</summary>
    public bool TryTake(out (bool IsError, byte[] Data) piece) => _received.TryDequeue(out piece);

    /// <summary>Hands over input as far as the server's window and the socket take it.</summary>
    /// <returns>How much was taken.</returns>
    public unsafe int Write(ReadOnlySpan<byte> data)
    {
        if (IsOver)
        {
            // Nobody reads it.
            return data.Length;
        }

        if (_session.PendingOutput >= InputLimit || LibSshChannels.WindowSize(_channel) == 0)
        {
            return 0;
        }

        fixed (byte* bytes = data)
        {
            return Math.Max(0, LibSshChannels.Write(_channel, bytes, (uint)data.Length));
        }
    }

    /// <summary>Ends the input.</summary>
    public void EndInput() => _ = IsOver ? 0 : LibSshChannels.SendEof(_channel);

    public void Resize(int columns, int rows) => _ = IsOver ? 0 : LibSshClient.ResizeTerminal(_channel, columns, rows);

    public void Signal(int number) => _ = IsOver ? 0 : LibSshClient.SendSignal(_channel, SignalNames.NameOf(number));

    /// <summary>Closes the channel and the connection, in order if the server still takes it.</summary>
    public void Dispose()
    {
        if (_channel != 0 && !_session.IsBroken)
        {
            _ = LibSshChannels.Close(_channel);
            _ = LibSsh.Flush(_session.Handle, (int)FlushTimeout.TotalMilliseconds);

            // libssh sends at once only what follows a poll, and throws the rest away when it disconnects.
            Pump();
        }

        // libssh closes a descriptor that was given to it, but not when it is told to disconnect.
        if (LibSshClient.DescriptorOf(_session.Handle) == descriptor.Number)
        {
            LibSshClient.Disconnect(_session.Handle);
        }
        else
        {
            descriptor.SetHandleAsInvalid();
        }

        _session.Dispose();
        descriptor.Dispose();
    }

    int IChannelEvents.OnData(nint channel, ReadOnlySpan<byte> buffered, bool isError)
    {
        _received.Enqueue((isError, buffered.ToArray()));
        return buffered.Length;
    }

    void IChannelEvents.OnEof(nint channel) => HasEnded = true;

    void IChannelEvents.OnClose(nint channel) => _closed = true;

    void IChannelEvents.OnSignal(nint channel, string name)
    {
        // A server has none for us.
    }

    void IChannelEvents.OnExit(nint channel, int code) => Exit ??= new SshExit(code, 0);

    void IChannelEvents.OnExitSignal(nint channel, string name) =>
        Exit ??= SignalNames.NumberOf(name) is { } number ? new SshExit(0, number) : new SshExit(ExitCodeOfUnknownSignal, 0);

    private Failure? StartCommand(SshCommandRequest request)
    {
        if (LibSshClient.OpenSession(_channel) != LibSsh.Ok)
        {
            return Failed("failed to open ssh channel");
        }

        if (request.Terminal is { } terminal
            && LibSshClient.RequestTerminal(_channel, terminal.Type, terminal.Columns, terminal.Rows) != LibSsh.Ok)
        {
            return Failed("failed to allocate PTY");
        }

        return LibSshClient.RequestExec(_channel, request.Command) == LibSsh.Ok ? null : Failed("failed to execute command");
    }

    private Failure Failed(string what) => new(FailureKind.Internal, $"{what}: {LibSsh.ErrorText(_session.Handle)}");
}
