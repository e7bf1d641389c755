using System.IO.Pipelines;
using OpenShell.Linux.Descriptors;
using OpenShell.Ssh.Abstractions;
using OpenShell.Ssh.Channels;
using OpenShell.Ssh.Loop;
using OpenShell.Ssh.Native;

namespace OpenShell.Ssh.Connections;

/// <summary>
/// A connection of a client, from the first byte. The loop's thread owns it:
/// <list type="number">
/// <item>Key exchange, then authentication, both within a time limit.</item>
/// <item>Requests are taken as libssh parses them; channels get the turns in which they can do something.</item>
/// <item>A client that has gone, or breaks the protocol, ends it: channels are dropped, then libssh frees everything.</item>
/// </list>
/// </summary>
internal sealed class SshConnection : ILoopDescriptor, IConnectionHost
{
    // libssh reads 4 KiB at a time; others have their turn after as many reads.
    private const int RoundsPerTurn = 32;

    // What libssh may hold of our output before channels wait for the socket.
    private const long OutputLimit = 256 * 1024;

    // And before nothing more is read: every request of a client makes an answer.
    private const long AnswerLimit = 1024 * 1024;

    private readonly ServerContext _server;
    private readonly ChannelTable _channels;
    private readonly NativeSession _session;
    private readonly PollRegistration _registration;
    private readonly ITimer _limit;
    private readonly ConnectionAuthentication _authentication;
    private readonly ChannelOpener _opener;
    private readonly RemoteForwards _forwards;
    private bool _keysExchanged;
    private bool _turnRequested;

    public SshConnection(ServerContext server, nint session, FileDescriptor descriptor, ISshAuthenticator authenticator)
    {
        _server = server;
        _channels = new ChannelTable(ScheduleTurn);
        _session = new NativeSession(session, _channels);
        _registration = new PollRegistration(server.Loop, this, descriptor);
        _authentication = new ConnectionAuthentication(this, authenticator);
        _opener = new ChannelOpener(this);
        _forwards = new RemoteForwards(this);
        _limit = server.Time.CreateTimer(
            static state => ((SshConnection)state!).PostExpired(), this, server.Options.AuthenticationTimeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told once, when the client has shown who it is.</summary>
    public required Action<SshConnection> Authenticated { get; init; }

    /// <summary>Told once, when it is over.</summary>
    public required Action<SshConnection> Closed { get; init; }

    public SshServerOptions Options => _server.Options;

    public PipeScheduler Scheduler => _server.Loop.Scheduler;

    public bool IsClosed { get; private set; }

    public bool IsRunningTurn { get; private set; }

    public bool IsAuthenticated => _authentication.Handler is not null;

    public ISshConnectionHandler Handler => _authentication.Handler!;

    public nint Session => _session.Handle;

    public int ChannelCount => _channels.Count + _opener.Pending;

    /// <summary>Starts to serve it.</summary>
    public void Begin()
    {
        if (!_registration.TryPoll())
        {
            Dispose();
        }

        ScheduleTurn();
    }

    public void Pause() => _registration.Pause();

    public void Resume() => Begin();

    public void ScheduleTurn()
    {
        _turnRequested = true;
        if (!IsRunningTurn && !IsClosed)
        {
            _server.Loop.ScheduleTurn(this);
        }
    }

    public bool CanWrite(nint channel) =>
        !IsClosed && !_registration.IsPaused && _session.PendingOutput < OutputLimit && LibSshChannels.IsOpen(channel) != 0 && LibSshChannels.WindowSize(channel) > 0;

    public void Add(nint handle, SshChannel channel)
    {
        _channels.Add(handle, channel);
        _session.Listen(handle);
    }

    public void Remove(nint handle) => _channels.Remove(handle);

    public void Track(Task task) => _server.Tasks.Add(task);

    /// <inheritdoc/>
    public void RunTurn()
    {
        if (IsClosed || _registration.IsPaused)
        {
            return;
        }

        IsRunningTurn = true;
        if (_keysExchanged || TryExchangeKeys())
        {
            TakeRequests();
        }

        IsRunningTurn = false;
        if (!IsClosed && !_registration.IsPaused)
        {
            Finish();
        }
    }

    /// <summary>Ends the connection at once.</summary>
    public void Dispose()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        _limit.Dispose();
        if (!_session.IsBroken)
        {
            // What was said last, such as a refusal, if the socket takes it.
            _ = LibSsh.Flush(Session, 0);
        }

        _registration.End();
        _authentication.Dispose();
        _opener.Dispose();
        _forwards.Dispose();
        _channels.DropAll();
        _session.Dispose();
        Closed(this);
    }

    public void OnAuthenticated()
    {
        _limit.Dispose();
        Authenticated(this);
    }

    public void PostEnd() => _server.Loop.Enqueue(static state => ((SshConnection)state!).Dispose(), this);

    private void PostExpired() => _server.Loop.Enqueue(
        static state =>
        {
            var connection = (SshConnection)state!;
            if (!connection.IsAuthenticated)
            {
                connection.Dispose();
            }
        },
        this);

    // False: not yet, or not at all.
    private bool TryExchangeKeys()
    {
        ulong before;
        do
        {
            before = _session.BytesRead;
            var result = LibSsh.HandleKeyExchange(Session);
            if (result == LibSsh.Ok)
            {
                _keysExchanged = true;
                LibSsh.SetAuthMethods(Session, AuthMethod.PublicKey);
                return true;
            }

            if (result == LibSsh.Error)
            {
                Dispose();
                return false;
            }
        }
        while (_session.BytesRead != before);
        return false;
    }

    private void TakeRequests()
    {
        for (var round = 0; round < RoundsPerTurn && !IsClosed; round++)
        {
            var before = _session.BytesRead;
            _turnRequested = false;
            while (!IsClosed && !_registration.IsPaused && LibSsh.GetMessage(Session) is not 0 and var message)
            {
                Take(message);
            }

            if (_registration.IsPaused)
            {
                return;
            }

            ServiceChannels();
            if (!_turnRequested && !IsClosed && _session.BytesRead == before)
            {
                return;
            }
        }

        if (!IsClosed)
        {
            _server.Loop.ScheduleTurn(this);
        }
    }

    private void Take(nint message)
    {
        switch (LibSshMessages.Type(message))
        {
            case MessageType.Auth:
                _authentication.Handle(message);
                return;
            case MessageType.ChannelOpen when IsAuthenticated:
                _opener.Handle(message);
                return;
            case MessageType.Global when IsAuthenticated:
                _forwards.Handle(message);
                return;
            case MessageType.Channel:
                // A channel that we have freed has no requests to answer.
                if (_channels.Find(LibSshMessages.RequestChannel(message)) is { } channel)
                {
                    channel.HandleRequest(message);
                    return;
                }

                break;
            default:
                _ = LibSshMessages.ReplyDefault(message);
                break;
        }

        LibSshMessages.Free(message);
    }

    private void ServiceChannels()
    {
        if (IsClosed)
        {
            return;
        }

        _forwards.Service();
        _channels.Service();
    }

    private void Finish()
    {
        var before = _session.BytesRead;
        if (_session.HasPendingOutput)
        {
            _ = LibSsh.Flush(Session, 0);
        }

        if (_session.BytesRead != before)
        {
            _server.Loop.ScheduleTurn(this);
        }

        if (_session.IsBroken)
        {
            Dispose();
            return;
        }

        var pending = _session.PendingOutput;
        _registration.Want((pending < AnswerLimit ? Epoll.In : 0) | (_session.HasPendingOutput ? Epoll.Out : 0));
    }
}
